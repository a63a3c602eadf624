// A process of its own for the benchmark of the log: appends records as intake writes them, turn by turn.
// Started with one argument, an AppendOrder as JSON; prints an AppendSaid.
import { openCase } from '../src/log/case.ts';
import { projections } from '../src/stages.ts';
import { openHome } from '../src/store/home.ts';
import { version } from '../src/version.ts';

export interface AppendOrder {
  home: string;
  /** Of the case. */
  folder: string;
  records: number;
  /** Records a turn. */
  turn: number;
}

export interface AppendSaid {
  seconds: number;
  /** Of the first and the last tenth of the turns. */
  firstTenth: Tenth;
  lastTenth: Tenth;
}

export interface Tenth {
  /** Records a second. */
  rate: number;
  /** Highest resident bytes after a turn. */
  memory: number;
}

const order = JSON.parse(process.argv[2]!) as AppendOrder;
const actor = { name: 'bench', tool: 'bench', version };
const { log, close } = await openCase(order.folder, {
  home: await openHome(order.home),
  env: process.env,
  projections,
  actor,
  write: true,
});
const [accession] = await log.append(actor, (turn) => {
  turn.add({ kind: 'intake.accession', handle: turn.next('A'), source: 'bench', key: 'bench', withheld: [] });
});

async function append(from: number): Promise<void> {
  await log.append(actor, (turn) => {
    for (let n = from; n < from + order.turn; n++) {
      turn.add({
        kind: 'intake.item',
        handle: turn.next('E'),
        path: `2013-05-14/215/${1000 + (n >> 2)}/DSC_${n}.JPG`,
        within: { root: 0, depth: 0 },
        modified: '2013-05-14T10:22:31.000Z',
        source: 'bench',
        archive: null,
        refs: { accession: accession!.id },
        files: { original: { store: 'originals', sha256: n.toString(16).padStart(64, '0'), size: 1_100_000 } },
      });
    }
  });
}

const turns: { seconds: number; memory: number }[] = [];
for (let n = 0; n < order.records; n += order.turn) {
  const start = performance.now();
  await append(n);
  turns.push({ seconds: (performance.now() - start) / 1000, memory: process.memoryUsage.rss() });
}
await close();

const total = (some: typeof turns): number => some.reduce((sum, { seconds }) => sum + seconds, 0);
const tenth = Math.ceil(turns.length / 10);
const tell = (some: typeof turns): Tenth => ({
  rate: (some.length * order.turn) / total(some),
  memory: some.reduce((most, { memory }) => Math.max(most, memory), 0),
});
const said: AppendSaid = {
  seconds: total(turns),
  firstTenth: tell(turns.slice(0, tenth)),
  lastTenth: tell(turns.slice(-tenth)),
};
console.log(JSON.stringify(said));
