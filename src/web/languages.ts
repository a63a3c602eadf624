// The languages there are, and which one is shown: apart from their words, so that the page knows them before any script of
// its own has come (first.ts). More languages are one file each in messages/, one line here and one in language.tsx.

/** Each with its own name for itself, the way it runs, and what it calls the application. */
export const languages = {
  en: { name: 'English', called: 'Dalil', dir: 'ltr', locale: 'en-GB' },
  // Digits stay Latin in both languages: a figure on this page must be found again in the log and on the terminal.
  ar: { name: 'العربية', called: 'دليل', dir: 'rtl', locale: 'ar-u-nu-latn' },
} as const;

export type LanguageCode = keyof typeof languages;
const isLanguage = (code: string | null | undefined): code is LanguageCode =>
  code !== null && code !== undefined && Object.hasOwn(languages, code);

/** The language to show: what the address says, else what was chosen before, else what the browser prefers. */
export function chooseLanguage(search: string, stored: string | null, preferred: readonly string[]): LanguageCode {
  const asked = new URLSearchParams(search).get('lang');
  if (isLanguage(asked)) return asked;
  if (isLanguage(stored)) return stored;
  return preferred.map((tag) => tag.split('-')[0]).find((code) => isLanguage(code)) ?? 'en';
}

/** Says to the browser in which language the page is, and so which way it runs. */
export function showLanguage(code: LanguageCode): void {
  document.documentElement.lang = code;
  document.documentElement.dir = languages[code].dir;
}
