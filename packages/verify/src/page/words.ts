// What the words of verify.html are, and how a language writes numbers, times and plurals.
import type { ProblemCode } from '../problem.ts';
import type { SinceCode } from '../since.ts';

/** The forms of one phrase by the categories of Unicode CLDR; `other` is the one that every language has. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Every word of the page. `{name}` is filled in. */
export interface Words {
  title: string;
  heading: string;
  lead: string;
  privacy: string;
  drop: string;
  pickFolder: string;
  pickZip: string;
  uploads: string;
  kept: { title: string; text: string; line: string; anchors: string };
  looking: Plural;
  checking: string;
  progress: string;
  stop: string;
  stopped: string;
  again: string;
  neither: { title: string; text: string };
  failed: { title: string; text: string; dropped: string; anchors: string };
  kinds: { bundle: string; case: string };
  holds: { title: string; bundle: string; case: string };
  broken: { title: string; count: Plural; first: string; means: string };
  time: {
    title: string;
    unchanged: Plural;
    shows: string;
    authorities: string;
    theirs: string;
    yours: string;
    witnessed: Plural;
    none: string;
    unread: string;
    bare: Plural;
  };
  since: Record<SinceCode, string> & { title: string };
  contents: {
    title: string;
    records: string;
    all: string;
    items: string;
    files: string;
    withheld: string;
    destroyed: Plural;
    notDestroyed: string;
    reasons: Record<string, string>;
  };
  means: { title: string; sealed: string; origin: string; before: string; itself: string };
  problems: { title: string; more: Plural };
  notes: {
    title: string;
    more: Plural;
    /** A note as the program writes it, and in this language; `$1` is the first number in it. */
    known: readonly (readonly [RegExp, string])[];
  };
  details: {
    title: string;
    log: string;
    size: string;
    root: string;
    files: string;
    fileCount: Plural;
    records: string;
    signatures: string;
    proofs: string;
    citations: string;
    token: string;
    tokenText: string;
    ended: string;
  };
  codes: Record<ProblemCode, string>;
}

export interface Language {
  code: 'en' | 'ar';
  name: string;
  dir: 'ltr' | 'rtl';
  words: Words;
  number(n: number): string;
  /** UTC, which it says. */
  time(at: string): string;
  form(phrase: Plural, n: number): string;
}

/** How one language writes. Digits are Latin in each, so that a figure is found again in the log and on a terminal. */
export function language(
  code: Language['code'],
  name: string,
  dir: Language['dir'],
  locale: string,
  words: Words,
): Language {
  const numbers = new Intl.NumberFormat(locale);
  const times = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
    hourCycle: 'h23',
  });
  const rules = new Intl.PluralRules(locale);
  return {
    code,
    name,
    dir,
    words,
    number: (n) => numbers.format(n),
    time: (at) => times.format(new Date(at)),
    form: (phrase, n) => phrase[rules.select(n)] ?? phrase.other,
  };
}
