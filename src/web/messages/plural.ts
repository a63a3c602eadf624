// Plural forms by the categories of Unicode CLDR, as Intl.PluralRules names them.

export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** The forms of one phrase. */
export interface Plural {
  forms: PluralForms;
}

/** Marks the forms of a phrase; `other` is the one that every language has. */
export function plural(forms: PluralForms): Plural {
  return { forms };
}
