// A case of plain notes for the tests of the log: one kind of record, a projection of it, and a writer in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type pg from 'pg';
import { dumpSchema, insertRows } from '../store/index-database.ts';
import { openHome } from '../store/home.ts';
import type { OpenCase, OpenOptions } from './case.ts';
import type { LoggedRecord } from './logged.ts';
import type { Projection } from './projection.ts';

/** Notes: `kind: note`, with a handle N-0001, their writer, their number with that writer, and a text. */
export const noteProjection: Projection = {
  name: 'note',
  tables: `create table note (handle text primary key, position bigint not null, writer text not null,
    number int not null, text text not null, after bigint not null);`,
  kinds: ['note'],
  async project(client: pg.ClientBase, records: LoggedRecord[]) {
    const { rows } = await client.query<{ n: number }>('select count(*) as n from note');
    await insertRows(
      client,
      'note',
      { handle: 'text', position: 'bigint', writer: 'text', number: 'int', text: 'text', after: 'bigint' },
      records.map(({ handle, position, fields }, i) => ({
        handle,
        position,
        writer: fields['writer'],
        number: fields['number'],
        text: fields['text'],
        after: Number(rows[0]!.n) + i,
      })),
    );
  },
};

export async function noteOptions(env: Record<string, string>, more: Partial<OpenOptions> = {}): Promise<OpenOptions> {
  return {
    home: await openHome(env['DALIL_HOME']!),
    env,
    projections: [noteProjection],
    actor: { name: 'writer', tool: 'log test', version: '1' },
    write: true,
    ...more,
  };
}

/** What a writer was told is sealed. */
export interface Acknowledged {
  number: number;
  position: number;
  id: string;
  handle: string;
}

/** Appends `count` turns of one to five notes, some with a text that becomes a blob. Gives what was acknowledged, turn by turn. */
export async function* writeNotes(
  opened: OpenCase,
  writer: string,
  count: number,
  first = 0,
): AsyncGenerator<Acknowledged[]> {
  let number = first;
  for (let turn = 0; turn < count; turn++) {
    const from = number;
    const size = 1 + ((turn * 7 + writer.length) % 5);
    const records = await opened.log.append(opened.actor, ({ add, next }) => {
      for (let i = 0; i < size; i++) {
        const text = (turn + i) % 17 === 0 ? `${writer} ${from + i} `.repeat(600) : 'short';
        add({ kind: 'note', handle: next('N'), writer, number: from + i, text });
      }
    });
    number += size;
    yield records.map(({ position, id, handle }, i) => ({ number: from + i, position, id, handle: handle! }));
  }
}

export interface Writer {
  child: ChildProcess;
  acknowledged: Acknowledged[];
  /** Resolves at the first acknowledgement, or at the end. */
  begun: Promise<void>;
  /** Its exit code or signal, when it has ended and all it said was read. */
  ended: Promise<number | string>;
  errors(): string;
}

/** A process that writes notes into the case at `path`. */
export function startWriter(
  env: Record<string, string>,
  path: string,
  writer: string,
  count: number,
  first = 0,
): Writer {
  const script = new URL('./writer.fixture.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), script, path, writer, String(count), String(first)],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const acknowledged: Acknowledged[] = [];
  let begin: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  createInterface({ input: child.stdout }).on('line', (line) => {
    // A process that is killed may have written half a line: nobody was told that.
    if (line.endsWith(']')) acknowledged.push(...(JSON.parse(line) as Acknowledged[]));
    begin();
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => {
      begin();
      resolve(code ?? signal ?? 'unknown');
    });
  });
  return { child, acknowledged, begun, ended, errors: () => errors };
}

/** Everything in the case's index, in an order that depends on nothing but the content. */
export async function dumpOf({ index }: OpenCase): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of dumpSchema(index.pool, index.schema)) lines.push(line);
  return lines;
}
