// How the demo's folder and file names are read: the patterns that a case configures for it, first match wins. JSON, so
// that they can be written beside the cache and handed to a case as they are.
import type { Carrier, Category, IdentifierRole } from '../case/views.ts';

export interface PathPattern {
  /** What the pattern is for, for people. */
  name: string;
  /** A JavaScript regular expression with named groups, flag u, searched in the path relative to the root: '/' between
   *  parts, `archive.zip/inner/path` for a member. It accepts Arabic-Indic digits as they are. */
  match: string;
  /** What each named group says. Values are compared with their digits made Latin. */
  identifiers: Record<string, { role: IdentifierRole; carrier: Carrier }>;
  category?: Extract<Category, 'detainee' | 'force' | 'incident' | 'other'>;
}

export interface PathRules {
  /** The roles that together make the key of an individual. */
  individualKey: IdentifierRole[];
  patterns: PathPattern[];
  /** The numbers that cards carry, the largest on a card first. */
  numbers: { role: IdentifierRole; pattern: string; min?: number; max?: number; label?: string }[];
}

const digits = '[0-9\\u0660-\\u0669]+';
const date = '[0-9\\u0660-\\u0669]{4}-[0-9\\u0660-\\u0669]{2}-[0-9\\u0660-\\u0669]{2}';

export const demoRules: PathRules = {
  individualKey: ['branch-number', 'detainee-number'],
  patterns: [
    {
      name: 'folders by date, branch and number',
      match: `(?:^|/)(?<date>${date})/فرع (?<branch>${digits})/(?<number>${digits})/[^/]+$`,
      identifiers: {
        date: { role: 'folder-date', carrier: 'folder' },
        branch: { role: 'branch-number', carrier: 'folder' },
        number: { role: 'detainee-number', carrier: 'folder' },
      },
      category: 'detainee',
    },
    {
      name: 'file names with branch, number and picture',
      match: `(?:^|/)Branch (?<branch>${digits}) - (?<number>${digits})(?: \\((?<photo>${digits})\\))?\\.[A-Za-z]+$`,
      identifiers: {
        branch: { role: 'branch-number', carrier: 'filename' },
        number: { role: 'detainee-number', carrier: 'filename' },
        photo: { role: 'photo-number', carrier: 'filename' },
      },
      category: 'detainee',
    },
    {
      name: 'Arabic folders with branch and number',
      match: `(?:^|/)ف (?<branch>${digits}) رقم (?<number>${digits})/[^/]+$`,
      identifiers: {
        branch: { role: 'branch-number', carrier: 'folder' },
        number: { role: 'detainee-number', carrier: 'folder' },
      },
      category: 'detainee',
    },
    {
      name: 'soldiers by name, Arabic',
      match: '(?:^|/)شهداء/(?<name>[^/(]*[^/( ])(?: \\([0-9]+\\))?/[^/]+$',
      identifiers: { name: { role: 'name', carrier: 'folder' } },
      category: 'force',
    },
    {
      name: 'soldiers by name, Latin',
      match: '(?:^|/)soldiers/(?<name>[^/(]*[^/( ])(?: \\([0-9]+\\))?/[^/]+$',
      identifiers: { name: { role: 'name', carrier: 'folder' } },
      category: 'force',
    },
    {
      name: 'incidents by date and place',
      match: `(?:^|/)(?:incidents|حوادث)/(?<date>${date}) [^/]+/[^/]+$`,
      identifiers: { date: { role: 'folder-date', carrier: 'folder' } },
      category: 'incident',
    },
    {
      name: 'documents',
      match: '(?:^|/)(?:documents|وثائق)/[^/]+$',
      identifiers: {},
      category: 'other',
    },
  ],
  numbers: [
    { role: 'detainee-number', pattern: '[0-9]{3,4}', min: 100, label: 'number of the branch' },
    { role: 'branch-number', pattern: '2[0-9]{2}', min: 200, max: 299, label: 'branch' },
    { role: 'hospital-number', pattern: '[0-9]{1,4}/[أبجد]', min: 1, max: 5000, label: 'examination' },
  ],
};

/** Arabic-Indic digits (U+0660 to U+0669) as Latin ones; everything else as it is. */
export const latinDigits = (text: string): string =>
  text.replace(/[\u0660-\u0669]/gu, (digit) => String(digit.charCodeAt(0) - 0x0660));

/** Latin digits as Arabic-Indic ones. */
export const arabicDigits = (text: string): string =>
  text.replace(/[0-9]/gu, (digit) => String.fromCharCode(0x0660 + Number(digit)));
