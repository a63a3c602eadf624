// Identifiers from the names of folders and files, by the patterns a case configures. A pattern is a rule, not a
// probability: it reads what the perpetrators' own filing says, and nothing in the picture.
import { Fault } from '../case/fault.ts';
import { rulesSchema, type Identifier, type Reading, type Rules } from './records.ts';

/** Rules with their patterns compiled. */
export interface CompiledRules {
  rules: Rules;
  patterns: { rule: Rules['patterns'][number]; match: RegExp }[];
}

/** Parses rules as a case configures them; Fault('usage') names the first thing wrong. */
export function parseRules(value: unknown): Rules {
  const parsed = rulesSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Fault('usage', {
      what: 'The grouping rules cannot be read.',
      expected: '{"individualKey": [role…], "patterns": [{"name", "match", "identifiers", "category"}…]}',
      got: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      next: 'mend the rules file, and run the same command again',
    });
  }
  compileRules(parsed.data);
  for (const number of parsed.data.numbers ?? []) refuseUnreadable(number);
  return parsed.data;
}

/** Fault('usage') where the form of a number is no regular expression, or its range holds none. */
function refuseUnreadable({ role, pattern, min, max }: NonNullable<Rules['numbers']>[number]): void {
  const refuse = (expected: string, got: string): Fault =>
    new Fault('usage', {
      what: `The form of the ${role} in the grouping rules is not usable.`,
      expected,
      got,
      next: 'mend the rules, and give them again',
    });
  try {
    // Alone too: a pattern may not end the group that it is put into.
    for (const whole of [pattern, `^(?:${pattern})$`]) new RegExp(whole, 'u').test('');
  } catch (error) {
    throw refuse('an ECMAScript regular expression over the whole number, in Latin digits', (error as Error).message);
  }
  if (min !== undefined && max !== undefined && min > max)
    throw refuse('a range from its smallest number to its largest', `${min} to ${max}`);
}

/** Fault('usage') where a pattern is no regular expression, or names a group it does not have. */
export function compileRules(rules: Rules): CompiledRules {
  const patterns = rules.patterns.map((rule) => {
    try {
      const match = new RegExp(rule.match, 'u');
      // An empty alternative shows the named groups without a match.
      const groups = new RegExp(`${rule.match}|`, 'u').exec('')?.groups ?? {};
      const missing = Object.keys(rule.identifiers).find((group) => !(group in groups));
      if (missing !== undefined) throw new SyntaxError(`no group is named ${missing}`);
      return { rule, match };
    } catch (error) {
      throw new Fault('usage', {
        what: `The pattern "${rule.name}" of the grouping rules is not usable.`,
        expected: 'an ECMAScript regular expression with a named group for each identifier',
        got: error instanceof Error ? error.message : String(error),
        next: 'mend the rules file, and run the same command again',
      });
    }
  });
  return { rules, patterns };
}

/** Arabic-Indic (U+0660) and extended Arabic-Indic (U+06F0) digits as Latin ones; all else unchanged. */
export function latinDigits(text: string): string {
  return text.replaceAll(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) & 15));
}

/**
 * What the rules read in the paths of one item (its own, and those of its exact duplicates). The first pattern that
 * matches a path speaks for that path. Paths that disagree leave the category `unclear` and the key open, with a problem.
 */
export function readPaths(paths: readonly string[], { rules, patterns }: CompiledRules): Reading {
  const identifiers: Identifier[] = [];
  const found = new Set<string>();
  const keys = new Map<string, Record<string, string>>();
  const named = new Set<Reading['category']>();
  for (const path of paths) {
    const plain = latinDigits(path.normalize('NFC'));
    for (const { rule, match } of patterns) {
      const groups = match.exec(plain)?.groups;
      if (groups === undefined && !match.test(plain)) continue;
      if (rule.category !== undefined) named.add(rule.category);
      const here: Identifier[] = [];
      for (const [group, { role, carrier }] of Object.entries(rule.identifiers)) {
        const value = groups?.[group]?.trim();
        if (value !== undefined && value !== '') here.push({ value, role, carrier, pattern: rule.name });
      }
      for (const identifier of here) {
        const name = `${identifier.role}\n${identifier.carrier}\n${identifier.value}`;
        if (!found.has(name)) identifiers.push(identifier);
        found.add(name);
      }
      const key = keyOf(here, rules);
      if (key !== null) keys.set(JSON.stringify(key), key);
      break;
    }
  }
  const problems: Reading['problems'] = [];
  if (keys.size > 1) {
    problems.push({
      code: 'conflicting-numbers',
      message: `its paths give ${keys.size} different keys of an individual`,
    });
  }
  if (named.size > 1) problems.push({ code: 'conflicting-categories', message: 'its paths give different categories' });
  const [category = 'unreviewed'] = named;
  return {
    identifiers,
    category: named.size > 1 ? 'unclear' : category,
    key: keys.size === 1 ? [...keys.values()][0]! : null,
    receipts: paths.length,
    problems,
  };
}

/** The key of an individual, complete or null: (branch, detainee number) unless the case says otherwise. */
function keyOf(identifiers: readonly Identifier[], rules: Rules): Record<string, string> | null {
  const key: Record<string, string> = {};
  for (const role of rules.individualKey) {
    const value = identifiers.find((identifier) => identifier.role === role)?.value;
    if (value === undefined) return null;
    key[role] = numberAsKey(value);
  }
  return key;
}

/** 0412 and 412 are one number, written by different hands. */
export function numberAsKey(value: string): string {
  return /^\d+$/.test(value) ? value.replace(/^0+(?=\d)/, '') : value;
}
