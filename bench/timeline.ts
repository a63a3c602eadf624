// The questions of the timeline at 55,000 pictures: how long months, marks and a page of tiles take, anywhere and narrowed.
import { against, type Bench, type Benchmark, type Outcome } from './benchmark.ts';
import type { TimelineOrder, TimelineSaid } from './timeline-run.ts';

const rows = { full: 55_000, quick: 5_000 };
const rounds = { full: 60, quick: 10 };
/** What a screen may wait for a list, in milliseconds. */
const limit = 50;

export const timeline: Benchmark = {
  name: 'timeline',
  title: 'the questions of the timeline at 55,000 pictures',
  room: { full: 2e9, quick: 1e9 },
  run: measureTimeline,
};

async function measureTimeline({ size, program, say }: Bench): Promise<Outcome> {
  say(`${rows[size].toLocaleString('en')} rows`);
  const order: TimelineOrder = { home: program.home, rows: rows[size], rounds: rounds[size] };
  const { said } = await program.script<TimelineSaid>('timeline-run.ts', order);
  const show = (ms: number): string => `${ms.toFixed(1)} ms`;
  return {
    figures: Object.entries(said.times).map(([what, times]) => {
      const sorted = times.toSorted((a, b) => a - b);
      return against(`${what}, p95`, sorted[Math.floor(sorted.length * 0.95)]!, limit, show, 'limit', 1);
    }),
    notes: [
      `${said.rows.toLocaleString('en')} made-up pictures of 28 months, written into the tables of the stages by SQL; ${String(rounds[size])} rounds of each question, one after the other, from the call of the query to its rows. HTTP and JSON are outside.`,
    ],
  };
}
