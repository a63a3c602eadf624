// How a language writes numbers, shares and times, and its words, which come when they are asked for: no page carries
// those of another language.
import { createContext, useContext } from 'react';
import type { ReactNode } from 'react';
import { printedShare } from '../case/share.ts';
import { languages } from './languages.ts';
import type { LanguageCode } from './languages.ts';
import type { Messages } from './messages/en.ts';
import type { Plural } from './messages/plural.ts';

/** The words of each language. */
export const words: Readonly<Record<LanguageCode, () => Promise<Messages>>> = {
  en: async () => (await import('./messages/en.ts')).en,
  ar: async () => (await import('./messages/ar.ts')).ar,
};

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

/** How one language writes, in its words. */
export function languageOf(code: LanguageCode, m: Messages): Language {
  const { locale } = languages[code];
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
    m,
    number: (n) => numbers.format(n),
    share: (part, whole) => (whole > 0 ? shares.format(printedShare(part, whole)) : ''),
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
const Chosen = createContext<ChosenLanguage | null>(null);
export const LanguageProvider = Chosen.Provider;

/** The language of the page. */
export function useLanguage(): ChosenLanguage {
  const language = useContext(Chosen);
  if (language === null) throw new Error('There is no LanguageProvider around this.');
  return language;
}
