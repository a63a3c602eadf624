import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { pathBytes, receivedPath } from './received-path.ts';
import { walk } from './walk.ts';
import type { Found } from './walk.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'walk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function found(...roots: string[]): Promise<Found[]> {
  const list: Found[] = [];
  for await (const item of walk(roots)) list.push(item);
  return list;
}

test('every file is found once, depth first, in the order of the bytes of its name', async () => {
  mkdirSync(join(folder, 'b/deep/deeper'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  for (const name of ['b/deep/deeper/1', 'b/deep.jpg', 'b/Z', 'a', 'c', 'é', 'Ω', '٣', '.hidden']) {
    writeFileSync(join(folder, name), name);
  }
  const paths = (await found(folder)).map((item) => item.path.text);
  expect(paths).toEqual(['.hidden', 'a', 'b/Z', 'b/deep/deeper/1', 'b/deep.jpg', 'c', 'é', 'Ω', '٣']);
});

test('a root that is a file has its base name as path; several roots are told apart; size and time are given', async () => {
  mkdirSync(join(folder, 'd'));
  writeFileSync(join(folder, 'd/one.jpg'), 'one');
  writeFileSync(join(folder, 'two.jpg'), 'four');
  const [first, second] = await found(join(folder, 'd'), join(folder, 'two.jpg'));
  expect(first).toMatchObject({ root: 0, path: { text: 'one.jpg', bytes: null }, kind: 'file', size: 3 });
  expect(second).toMatchObject({ root: 1, path: { text: 'two.jpg', bytes: null }, kind: 'file', size: 4 });
  expect(first!.modified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test.runIf(process.platform === 'linux')(
  'a name that is not UTF-8 is found, can be opened and is kept exactly',
  async () => {
    const name = Buffer.from([0x53, 0xd5, 0xe6, 0xd1, 0xc9, 0xff, 0x2e, 0x6a]);
    const sub = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe3, 0xe4])]);
    mkdirSync(sub);
    writeFileSync(Buffer.concat([sub, Buffer.from('/'), name]), 'kept');
    const [item] = await found(folder);
    expect(item!.path.text).toBe('\ufffd\ufffd/S\ufffd\ufffd\ufffd\ufffd\ufffd.j');
    expect(pathBytes(item!.path)).toEqual(Buffer.concat([Buffer.from([0xe3, 0xe4]), Buffer.from('/'), name]));
    expect(readFileSync(item!.absolute, 'utf8')).toBe('kept');
  },
);

test('links are reported and not followed, also to a folder above; a root that is a link is resolved once', async () => {
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real/x'), 'x');
  symlinkSync('..', join(folder, 'real/loop'));
  symlinkSync('/nowhere', join(folder, 'real/broken'));
  symlinkSync('real', join(folder, 'way-in'));
  const kinds = (await found(join(folder, 'way-in'))).map((item) => [item.path.text, item.kind]);
  expect(kinds).toEqual([
    ['broken', 'link'],
    ['loop', 'link'],
    ['x', 'file'],
  ]);
});

test.runIf(process.platform === 'linux')(
  'fifos, sockets and devices are special, and none of them is opened',
  async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const server = createServer().listen(join(folder, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      expect((await found(folder)).map((item) => item.kind)).toEqual(['special', 'special']);
      expect((await found('/dev/null')).map((item) => item.kind)).toEqual(['special']);
    } finally {
      server.close();
    }
  },
);

test('a file that goes away between listing and looking is reported as vanished', async () => {
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), name);
  const kinds: string[] = [];
  for await (const item of walk([folder])) {
    kinds.push(item.kind);
    rmSync(join(folder, 'b'), { force: true });
  }
  expect(kinds).toEqual(['file', 'vanished', 'file']);
});

test('a folder that may not be read is reported as one thing, and its neighbours are read', async (context) => {
  mkdirSync(join(folder, 'shut'));
  writeFileSync(join(folder, 'shut/x'), 'x');
  writeFileSync(join(folder, 'open'), 'x');
  chmodSync(join(folder, 'shut'), 0o000);
  try {
    if (process.getuid?.() === 0) return context.skip('root may read every folder');
    expect((await found(folder)).map((item) => [item.path.text, item.kind, item.cause])).toEqual([
      ['open', 'file', null],
      ['shut', 'unreadable', 'EACCES'],
    ]);
  } finally {
    chmodSync(join(folder, 'shut'), 0o700);
  }
});

test.runIf(process.platform === 'linux')(
  'a folder too deep for the system to open is reported, whoever asks',
  async () => {
    const deep = 'for i in $(seq 22); do mkdir $1; cd $1; done; echo x > file';
    execFileSync('sh', ['-c', deep, 'sh', 'd'.repeat(200)], { cwd: folder, stdio: 'ignore' });
    try {
      const [item, neighbour] = await found(folder);
      expect(item).toMatchObject({ kind: 'unreadable', cause: 'ENAMETOOLONG', size: null });
      expect(neighbour).toMatchObject({ kind: 'file', size: 2 });
    } finally {
      execFileSync('rm', ['-rf', folder]);
    }
  },
);

test('a root that is not there stops the walk before its first file', async () => {
  writeFileSync(join(folder, 'a'), 'a');
  const first = walk([folder, join(folder, 'missing')]).next();
  await expect(first).rejects.toThrow(Fault);
  await expect(first).rejects.toMatchObject({ code: 'input-unreadable' });
});

test('an aborted walk ends with the reason', async () => {
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), name);
  const stop = new AbortController();
  const items = walk([folder], { signal: stop.signal });
  await items.next();
  stop.abort(new Error('stopped'));
  await expect(items.next()).rejects.toThrow('stopped');
});

test('any bytes of a path come back from its received form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const path = receivedPath(bytes);
      expect(new Uint8Array(pathBytes(path))).toEqual(bytes);
      if (path.bytes !== null) expect(path.text).toContain('\ufffd');
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(receivedPath(Buffer.from(text))).toEqual({ text, bytes: null });
    }),
  );
});
