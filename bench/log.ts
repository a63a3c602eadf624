// The log alone: records a second, salted, signed, durable and projected. The peer is the floor: Ed25519 by itself.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Bench, Benchmark, Outcome } from './benchmark.ts';
import type { AppendOrder, AppendSaid } from './append-run.ts';

const records = { full: 30_720, quick: 5_120 };
/** As intake and describe do. */
const turn = 512;
const target = 6000;

export const log: Benchmark = {
  name: 'log',
  title: 'records a second, salted, signed, durable and projected',
  room: { full: 1e9, quick: 1e9 },
  run: measureLog,
};

async function measureLog(bench: Bench): Promise<Outcome> {
  const { program } = bench;
  const folder = await program.newCase(join(bench.folder, 'case'));
  const order: AppendOrder = { home: program.home, folder, records: records[bench.size], turn };
  const { said, measured } = await program.script<AppendSaid>('append-run.ts', order);
  const rate = records[bench.size] / said.seconds;
  const whole = (value: number) => `${Math.round(value).toLocaleString('en')}/s`;
  const floor = bench.has('openssl') ? signaturesPerSecond() : null;
  return {
    figures: [
      {
        what: 'records appended',
        ours: whole(rate),
        peer: floor === null ? 'openssl: not installed' : `openssl, Ed25519 signatures alone ${whole(floor)}`,
        ratio: floor === null ? null : rate / floor,
        target: `at least ${whole(target)}`,
        met: rate >= target,
      },
    ],
    notes: [
      `${records[bench.size].toLocaleString('en')} records of received files in turns of ${turn}, each turn awaited until it is durable and projected into PostgreSQL; in one process, its start apart. Here a larger ratio is better.`,
      `The last tenth at ${whole(said.lastTenth)}, the first at ${whole(said.firstTenth)}.${measured.databaseCpu === null ? '' : ` Processor time: ours ${measured.cpu!.toFixed(1)} s with the start, PostgreSQL's ${measured.databaseCpu.toFixed(1)} s.`}`,
    ],
  };
}

/** By `openssl speed`, one core, one second; null where it does not know Ed25519. */
function signaturesPerSecond(): number | null {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '1', 'ed25519'], { encoding: 'utf8' });
  const line = /Ed25519.*$/m.exec(stdout)?.[0].trim().split(/\s+/);
  const value = Number(line?.at(-2));
  return Number.isFinite(value) && value > 0 ? value : null;
}
