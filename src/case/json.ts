// JSON values, as types: what a record's field may hold.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
