// Searching at 55,000 and at a million things: words, beginnings, numbers, Arabic, and the words that are everywhere.
import { against, median, megabytes, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';
import type { SearchOrder, SearchSaid } from './search-run.ts';

/** Things, and what a person may wait for an answer, in milliseconds. */
const sizes = {
  full: [
    { rows: 55_000, limit: 50 },
    { rows: 1_000_000, limit: 120 },
  ],
  quick: [{ rows: 5_000, limit: 50 }],
};
const rounds = { full: 60, quick: 10 };

export const search: Benchmark = {
  name: 'search',
  title: 'searching at 55,000 and at a million things',
  room: { full: 6e9, quick: 1e9 },
  run: measureSearch,
};

async function measureSearch({ size, program, say }: Bench): Promise<Outcome> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  const show = (ms: number): string => `${ms.toFixed(1)} ms`;
  for (const { rows, limit } of sizes[size]) {
    const of = `of ${rows.toLocaleString('en')}`;
    say(`${rows.toLocaleString('en')} things`);
    const order: SearchOrder = { home: program.home, rows, rounds: rounds[size] };
    const { said } = await program.script<SearchSaid>('search-run.ts', order);
    for (const [what, times] of Object.entries(said.times)) {
      const sorted = times.toSorted((a, b) => a - b);
      const p95 = sorted[Math.floor(sorted.length * 0.95)]!;
      const label = `${what}, ${of}: p95 (p50 ${show(median(times))}; ${String(said.found[what])} found at most)`;
      figures.push(against(label, p95, limit, show, 'limit', 1));
    }
    notes.push(
      `${of}: ${Math.round(said.pace).toLocaleString('en')} things a second from the rows of the stages to what is searched; ${megabytes(said.bytes)} with indexes; ${said.scans.length === 0 ? 'no plan reads a whole table of searching' : `plans that read a whole table: ${String(said.scans.length)}`}.`,
    );
  }
  notes.push(
    `Every second thing is a made-up text of 60 words, three in four Arabic, in the frequencies of texts (the n-th word 1/n as often as the first); the others are pictures with a number. ${String(rounds[size])} rounds of each question, one after the other, from the words to the first 20 results with what matched. HTTP, JSON and the commit of the record of a search are outside; of a word that more than 500 things have the newest 500 are ranked.`,
  );
  return { figures, notes };
}
