// Filled by the first module of the package.
export type {};
