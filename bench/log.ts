// The log alone, grown to a million records: records a second at its end, inclusion proofs a second anywhere in it, and
// memory at both. The peers are floors: the signature, and the hashes of a proof, by themselves.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { AppendOrder, AppendSaid } from './append-run.ts';
import { against, megabytes, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';
import type { ProofsOrder, ProofsSaid } from './proofs-run.ts';

const records = { full: 1_000_000, quick: 10_240 };
const proofs = { full: 200_000, quick: 20_000 };
/** As intake and describe do. */
const turn = 512;
const [recordsTarget, proofsTarget] = [6000, 20_000];
/** What a garbage collector leaves to chance. */
const flat = 1.25;

export const log: Benchmark = {
  name: 'log',
  title: 'a million records, salted, signed, durable and projected; and proofs that they are in the log',
  room: { full: 12e9, quick: 1e9 },
  run: measureLog,
};

const whole = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`;

async function measureLog(bench: Bench): Promise<Outcome> {
  const { program, size, say } = bench;
  const folder = await program.newCase(join(bench.folder, 'case'));
  say(`appending ${records[size].toLocaleString('en')} records`);
  const order: AppendOrder = { home: program.home, folder, records: records[size], turn };
  const appended = await program.script<AppendSaid>('append-run.ts', order);
  say(`making ${proofs[size].toLocaleString('en')} proofs`);
  const proved = await program.script<ProofsSaid>('proofs-run.ts', {
    folder,
    proofs: proofs[size],
  } satisfies ProofsOrder);
  const { firstTenth, lastTenth, seconds } = appended.said;
  const depth = Math.ceil(Math.log2(proved.said.size));
  const openssl = bench.has('openssl');
  const hashes = openssl ? hashesPerSecond() : null;
  const { cpu, databaseCpu } = appended.measured;
  return {
    figures: [
      atLeast(
        'records appended, the last tenth',
        lastTenth.rate,
        recordsTarget,
        'openssl, Ed25519 signatures alone',
        openssl ? signaturesPerSecond() : null,
      ),
      {
        ...atLeast('records appended, the first tenth', firstTenth.rate, 0, '', null),
        peer: null,
        target: null,
        met: null,
      },
      against('memory, the last tenth', lastTenth.memory, firstTenth.memory, megabytes, 'the first tenth', flat),
      atLeast(
        'inclusion proofs',
        proofs[size] / proved.said.seconds,
        proofsTarget,
        `openssl, the ${depth} hashes of one alone`,
        hashes === null ? null : hashes / depth,
      ),
      against('memory, the last tenth', proved.said.lastTenth, proved.said.firstTenth, megabytes, 'the first tenth'),
    ],
    notes: [
      `${records[size].toLocaleString('en')} records of received files, appended as intake does in turns of ${turn}, each turn awaited until it is durable and projected into PostgreSQL: ${seconds.toFixed(0)} s in one process, its start apart. Of rates a larger ratio is better.`,
      `${proofs[size].toLocaleString('en')} proofs at places all over that log of ${proved.said.size.toLocaleString('en')} records, in another process and one thread, from the tiles on the disk; 200 of them were checked. It keeps the tiles that it has read, up to a limit, so its memory rises until it has read them all.`,
      `Memory: the highest resident size after a turn, or after a thousand proofs.${databaseCpu === null ? '' : ` Processor time of appending: ours ${cpu!.toFixed(0)} s with the start, PostgreSQL's ${databaseCpu.toFixed(0)} s.`}`,
    ],
  };
}

/** A rate that shall not be less than its target, beside what it stands on. */
function atLeast(what: string, rate: number, target: number, peerName: string, floor: number | null): Figure {
  return {
    what,
    ours: whole(rate),
    peer: floor === null ? 'openssl: not installed' : `${peerName} ${whole(floor)}`,
    ratio: floor === null ? null : rate / floor,
    target: `at least ${whole(target)}`,
    met: rate >= target,
  };
}

/** By `openssl speed`, one core, one second; null where it does not know Ed25519. */
function signaturesPerSecond(): number | null {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '1', 'ed25519'], { encoding: 'utf8' });
  const line = /Ed25519.*$/m.exec(stdout)?.[0].trim().split(/\s+/);
  const value = Number(line?.at(-2));
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** SHA-256 of the 65 bytes of a node of the tree, by `openssl speed`, one core, one second. */
function hashesPerSecond(): number | null {
  const args = ['speed', '-seconds', '1', '-bytes', '65', '-evp', 'sha256'];
  const { stdout } = spawnSync('openssl', args, { encoding: 'utf8' });
  const kilobytes = /^sha256\s+([\d.]+)k/im.exec(stdout)?.[1];
  return kilobytes === undefined ? null : (Number(kilobytes) * 1000) / 65;
}
