// A redacted copy as an exhibit of its own: made in a thread, kept as a derivative, and written down with what was done,
// by whom, and to which item. The record cites the item by its salted record and says nothing of the original's hash.
import { join } from 'node:path';
import { citedPath, sha256, toHex, type FileCitation } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, WorkerLost } from '../store/workers.ts';
import { encoder, type Operation, type RedactedPicture, type RedactionOrder } from './redacted-picture.ts';

export interface Redacted {
  /** R-0001 */
  handle: string;
  /** Of the item that it was made from. */
  item: string;
  width: number;
  height: number;
  bytes: number;
  /** Where the copy lies in the case folder. */
  path: string;
}

/**
 * Makes a redacted copy of an item's picture and writes it down; where the same copy was written down before, gives that.
 * Throws Fault('usage') where there is no such item or a box lies outside, ('input-unreadable') where nothing decodes.
 */
export async function redact(opened: OpenCase, handle: string, operation: Operation): Promise<Redacted> {
  const { folder, index, log, actor } = opened;
  const { rows } = await index.pool.query<{ id: string; sha256: string; size: number }>(
    'select id, sha256, size from item where handle = $1 and destroyed is null',
    [handle],
  );
  const item = rows[0];
  if (item === undefined) {
    throw new Fault('usage', {
      what: 'There is no such item, or its original was destroyed.',
      expected: 'a handle as E-00012',
      got: handle,
      next: 'dalil items',
    });
  }
  const original = citedPath({ store: 'originals', sha256: item.sha256, size: item.size });
  const { jpeg, width, height } = await inThread({
    path: join(folder.path, original),
    sha256: item.sha256,
    item: handle,
    operation,
  });
  const derivative: FileCitation = { store: 'derivatives', sha256: toHex(sha256(jpeg)), size: jpeg.length };
  const path = citedPath(derivative);
  // Durable before the record that cites it.
  await folder.write([{ path, bytes: jpeg }]);
  let given = '';
  await log.append(actor, async (turn) => {
    const { rows: before } = await index.pool.query<{ handle: string }>(
      'select handle from redaction where item = $1 and sha256 = $2 order by position limit 1',
      [item.id, derivative.sha256],
    );
    given = before[0]?.handle ?? turn.next('R');
    if (before[0] !== undefined) return;
    turn.add({
      kind: 'report.redaction',
      handle: given,
      operation: { boxes: operation.boxes.map((box) => ({ ...box })), width: operation.width, encoder },
      picture: { type: 'image/jpeg', width, height },
      refs: { item: item.id },
      files: { derivative },
    });
  });
  return { handle: given, item: handle, width, height, bytes: jpeg.length, path };
}

async function inThread(order: RedactionOrder): Promise<RedactedPicture> {
  const workers = openWorkers<RedactionOrder, RedactedPicture>(new URL('./redaction-worker.ts', import.meta.url), {
    threads: 1,
  });
  try {
    return await workers.run(order);
  } catch (error) {
    if (!(error instanceof WorkerLost)) throw error;
    throw new Fault('input-unreadable', {
      what: 'The picture brought its thread down.',
      got: error.reason,
      next: 'this picture cannot be redacted here',
    });
  } finally {
    await workers.close();
  }
}

/** Every redacted copy, in the order made. */
export async function listRedactions({ index }: Pick<OpenCase, 'index'>): Promise<Redacted[]> {
  const { rows } = await index.pool.query<Omit<Redacted, 'path'> & { sha256: string }>(
    `select r.handle, i.handle as item, r.width, r.height, r.sha256, r.bytes
     from redaction r join item i on i.id = r.item order by r.position`,
  );
  return rows.map(({ sha256: hex, ...one }) => ({
    ...one,
    path: citedPath({ store: 'derivatives', sha256: hex, size: one.bytes }),
  }));
}
