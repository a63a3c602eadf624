// Every kind of record has words in every language: a log that shows codes is not readable.
import { expect, test } from 'vitest';
import { kindRules } from '../../../server/policy.ts';
import { languages } from '../../language.tsx';

test.each(Object.entries(languages))('%s has words for every kind of record', (_, { messages }) => {
  const words: Readonly<Record<string, string>> = messages.activity.kinds;
  expect(Object.keys(kindRules).filter((kind) => !Object.hasOwn(words, kind))).toEqual([]);
});
