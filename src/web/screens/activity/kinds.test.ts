// Every kind of record has words in every language: a log that shows codes is not readable.
import { expect, test } from 'vitest';
import { kindRules } from '../../../server/policy.ts';
import { words } from '../../language.tsx';

test.each(Object.entries(words))('%s has words for every kind of record', async (_, said) => {
  const kinds: Readonly<Record<string, string>> = (await said()).activity.kinds;
  expect(Object.keys(kindRules).filter((kind) => !Object.hasOwn(kinds, kind))).toEqual([]);
});
