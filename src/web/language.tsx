// Languages: which one is shown, and how it writes numbers, shares and times. More languages are one file each in
// messages/ and one line here.
import { createContext, useContext } from 'react';
import type { ReactNode } from 'react';
import { ar } from './messages/ar.ts';
import { en } from './messages/en.ts';
import type { Messages } from './messages/en.ts';
import type { Plural } from './messages/plural.ts';

/** The languages there are, each with its own name for itself. */
export const languages = {
  en: { name: 'English', dir: 'ltr', messages: en, locale: 'en-GB' },
  // Digits stay Latin in both languages: a figure on this page must be found again in the log and on the terminal.
  ar: { name: 'العربية', dir: 'rtl', messages: ar, locale: 'ar-u-nu-latn' },
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

export interface Language {
  code: LanguageCode;
  m: Messages;
  number(n: number): string;
  /** `part` of `whole` as a percentage; empty where there is no whole. */
  share(part: number, whole: number): string;
  /** In UTC, which it says. */
  time(at: string | number): string;
  /** A month, as YYYY-MM. */
  month(month: string): string;
  /** The form that goes with `n`, its {n} not yet filled in. */
  form(phrase: Plural, n: number): string;
}

/** How one language writes. */
export function languageOf(code: LanguageCode): Language {
  const { locale, messages } = languages[code];
  const numbers = new Intl.NumberFormat(locale);
  const shares = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const times = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
    hourCycle: 'h23',
  });
  const months = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const rules = new Intl.PluralRules(locale);
  return {
    code,
    m: messages,
    number: (n) => numbers.format(n),
    share: (part, whole) => (whole > 0 ? shares.format(part / whole) : ''),
    time: (at) => times.format(new Date(at)),
    // What a file says need not be a month.
    month: (month) =>
      /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? months.format(new Date(`${month}-01T00:00:00Z`)) : month,
    form: (phrase, n) => phrase.forms[rules.select(n)] ?? phrase.forms.other,
  };
}

/** A template with its {names} filled in. */
export function fill(template: string, values: Record<string, ReactNode>): ReactNode[] {
  return template
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 === 0 ? part : <span key={part}>{values[part] ?? `{${part}}`}</span>));
}

/** The language of the page, and how to choose another. */
export interface ChosenLanguage extends Language {
  choose(code: LanguageCode): void;
}
const Chosen = createContext<ChosenLanguage>({ ...languageOf('en'), choose: () => undefined });
export const LanguageProvider = Chosen.Provider;

/** The language of the page. */
export const useLanguage = (): ChosenLanguage => useContext(Chosen);
