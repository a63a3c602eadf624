// What `dalil describe` and `dalil read` look at: what is pending, or again what has changed, what is named, or what had
// a problem.
import { itemsNamed, passes } from '../../describe/passes.ts';
import type { Choice, Looked, Standing } from '../../describe/pass.ts';
import type { OpenCase } from '../../log/case.ts';
import { text, usage, type Values } from '../command.ts';

export const againOptions = {
  again: { type: 'boolean' },
  tool: { type: 'string' },
  problem: { type: 'string' },
} as const;

export const againHelp = [
  ['--again', 'only what was done by another version or with other settings; no item that was never done'],
  ['--again E-00012 …', 'these items, whatever they were done by'],
  ['--again --problem CODE', 'the items that have this problem: dalil status --problems'],
] as const;

export interface Asked {
  choice: Choice;
  /** Whether a pass by this tool is asked for. */
  by(tool: string): boolean;
}

/** Throws Fault('usage') on what does not go together, on a tool or an item that is not there. */
export async function askedAgain(
  opened: OpenCase,
  stage: Standing['stage'],
  { positionals, values }: { positionals: string[]; values: Values },
): Promise<Asked> {
  const again = values['again'] === true;
  const problem = text(values, 'problem');
  const tool = text(values, 'tool');
  const tools = (await passes(opened)).filter((pass) => pass.stage === stage).map((pass) => pass.tool);
  if (tool !== undefined && !tools.includes(tool))
    throw usage(`There is no such tool in dalil ${stage}.`, tools.join(', '), tool, `dalil ${stage} --help`);
  if (!again && (positionals.length > 0 || problem !== undefined))
    throw usage(
      'Items and problems are named for doing them again.',
      `dalil ${stage} --again`,
      [...positionals, ...(problem === undefined ? [] : ['--problem'])].join(' '),
      `dalil ${stage} --help`,
    );
  if (problem !== undefined && positionals.length > 0)
    throw usage('Either a problem or items.', `dalil ${stage} --again --problem CODE`, positionals.join(' '));
  const by = (one: string): boolean => tool === undefined || tool === one;
  if (positionals.length > 0) return { choice: { items: await itemsNamed(opened, positionals) }, by };
  if (problem !== undefined) return { choice: { problem }, by };
  return { choice: again ? 'changed' : 'pending', by };
}

/** What was done, in words: where items were chosen, also of how many something new was written down. */
export function saidOf(did: string, { looked, written }: Looked, choice: Choice): string {
  const n = (count: number): string => count.toLocaleString('en');
  const sum = `${did} ${n(looked)}`;
  return choice === 'pending'
    ? sum
    : `${sum} again: ${n(written)} with a new observation, ${n(looked - written)} as before`;
}
