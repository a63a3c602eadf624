import { expect, test } from 'vitest';
import { allCommands, commands, parts } from './commands.ts';

test('every command stands in one part of the help, and is called what it is found by', async () => {
  const named = parts.flatMap(({ names }) => names);
  expect(named.toSorted()).toEqual([...commands.keys()].toSorted());
  expect((await allCommands()).map(({ name }) => name)).toEqual([...commands.keys()]);
});
