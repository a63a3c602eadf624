// The inventory that every bundle ends with: how many items the case has, what was destroyed and why, which keys
// were revoked, and how its deliveries add up. Signed before the bundle is packed, so that a bundle cannot leave it out.
import {
  commitPath,
  deaccessionKind,
  FormatError,
  inventoryKind,
  itemKind,
  openCheckpoint,
  parseCommit,
  reconciliationKind,
  revocationKind,
  type Checkpoint,
} from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { deaccessionCounts, type InventoryRecord } from './records.ts';

/** A bundle's last record, and the checkpoint that was signed over it. */
export interface Inventory {
  checkpoint: Checkpoint;
  /** How many items there are. */
  items: number;
  /** Positions of the reconciliations, deaccessions and revocations that it cites. */
  cites: number[];
}

/** Appends the inventory as of now. */
export async function takeInventory(opened: OpenCase): Promise<Inventory> {
  let cites: number[] = [];
  let items = 0;
  const [record] = await opened.log.append(opened.actor, async (turn) => {
    items = await countItems(opened);
    const newest = new Map<string, LoggedRecord>();
    for await (const one of recordsOf(opened, [reconciliationKind])) newest.set(String(one.refs['accession']), one);
    const destroyed: InventoryRecord['destroyed'] = {};
    const deaccessions: LoggedRecord[] = [];
    for await (const one of recordsOf(opened, [deaccessionKind])) {
      const { reason, count } = deaccessionCounts.parse(one.fields);
      destroyed[reason] = (destroyed[reason] ?? 0) + count;
      deaccessions.push(one);
    }
    const revocations: LoggedRecord[] = [];
    for await (const one of recordsOf(opened, [revocationKind])) revocations.push(one);
    cites = [...newest.values(), ...deaccessions, ...revocations].map(({ position }) => position);
    const ids = (records: Iterable<LoggedRecord>): string[] => [...records].map(({ id }) => id);
    const refs = {
      reconciliations: ids(newest.values()),
      deaccessions: ids(deaccessions),
      revocations: ids(revocations),
    };
    turn.add({ kind: inventoryKind, items, destroyed, refs });
  });
  return { checkpoint: await checkpointAfter(opened, record!.position), items, cites };
}

/** Records of some kinds in the order of the log, read from the folder: there are few. */
export async function* recordsOf({ log, index }: OpenCase, kinds: readonly string[]): AsyncGenerator<LoggedRecord> {
  const { rows } = await index.pool.query<{ position: number }>(
    'select position from record where kind = any($1) order by position',
    [kinds],
  );
  for (const { position } of rows) yield* log.read(position, position + 1);
}

async function countItems({ index }: OpenCase): Promise<number> {
  const { rows } = await index.pool.query<{ n: number }>('select count(*) as n from record where kind = $1', [
    itemKind,
  ]);
  return Number(rows[0]!.n);
}

/** The checkpoint of the turn that added just this record; another process may have written since. */
async function checkpointAfter({ folder, log }: OpenCase, position: number): Promise<Checkpoint> {
  try {
    const bytes = await folder.read(commitPath(position));
    const { note } = parseCommit(new TextDecoder().decode(bytes ?? undefined));
    return openCheckpoint(note, log.history);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Fault('case-damaged', {
      what: 'The commit of the inventory cannot be read.',
      next: 'run `dalil verify`, and restore the folder from a copy',
      cause: error,
    });
  }
}
