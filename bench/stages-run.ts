// A process of its own for the benchmark of items: intake, describe and group on an open case, with the time of each.
// Started with one argument, a StagesOrder as JSON; prints a StagesSaid.
import { readFile } from 'node:fs/promises';
import type { ProgressNote } from '../src/case/progress.ts';
import { describe } from '../src/describe/describe.ts';
import { parseRules } from '../src/group/identifier.ts';
import { group } from '../src/group/group.ts';
import { receive } from '../src/intake/receive.ts';
import { openCase } from '../src/log/case.ts';
import { projections } from '../src/stages.ts';
import { openHome } from '../src/store/home.ts';
import { version } from '../src/version.ts';

export interface StagesOrder {
  home: string;
  /** Of the case. */
  folder: string;
  roots: string[];
  /** Path of the rules. */
  rules: string;
}

/** Of each stage: its seconds, and when how many were done (milliseconds), every twentieth. */
export type StageTimes = Record<'intake' | 'describe' | 'group', { seconds: number; marks: [number, number][] }>;

export interface StagesSaid {
  times: StageTimes;
}

const order = JSON.parse(process.argv[2]!) as StagesOrder;
const opened = await openCase(order.folder, {
  home: await openHome(order.home),
  env: process.env,
  projections,
  actor: { name: 'bench', tool: 'bench', version },
  write: true,
});

async function timed(work: (progress: (note: ProgressNote) => void) => Promise<unknown>) {
  const marks: [number, number][] = [];
  const start = performance.now();
  await work(({ done }) => {
    if (done % 20 === 0) marks.push([done, performance.now() - start]);
  });
  return { seconds: (performance.now() - start) / 1000, marks };
}

const rules = parseRules(JSON.parse(await readFile(order.rules, 'utf8')));
const said: StagesSaid = {
  times: {
    intake: await timed((progress) => receive(opened, { roots: order.roots, source: 'bench', progress })),
    describe: await timed((progress) => describe(opened, { progress })),
    group: await timed((progress) => group(opened, { rules, progress })),
  },
};
await opened.close();
console.log(JSON.stringify(said));
