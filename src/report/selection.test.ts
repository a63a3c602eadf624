// What a bundle shows of a record: all, but what is said among the team.
import { expect, test } from 'vitest';
import { Choice } from './selection.ts';

test('the words of a task or a search are in no bundle, whatever was chosen; that there is one, and of what state, may be', () => {
  const task = { kind: 'protect.task', at: '2026-11-25T10:00:00.000Z', words: 'ask the source', state: 'open' };
  const search = { kind: 'protect.search', at: '2026-11-25T10:00:00.000Z', words: 'a name', found: { count: 1 } };
  const item = { kind: 'group.tag', at: '2026-11-25T10:00:00.000Z', words: 'of another kind' };
  for (const fields of [undefined, { only: ['words', 'state'] }, { without: ['at'] }]) {
    const choice = new Choice(null, new Set(), fields);
    expect(choice.shown(1, 'id', task)).toContain('state');
    expect(choice.shown(1, 'id', task)).not.toContain('words');
    expect(choice.shown(1, 'id', search)).not.toContain('words');
    expect(choice.shown(1, 'id', item)).toContain('words');
  }
});
