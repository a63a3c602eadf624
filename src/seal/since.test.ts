// Checkpoints that were kept: on paper and back, and what a log shows against them that was extended, rewritten, rolled
// back, or is another one.
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  checkpointText,
  checkSince,
  Edge,
  entryBytes,
  formatCaseFile,
  FormatError,
  formatKept,
  fromBase64url,
  leafHash,
  parseCaseFile,
  parseKept,
  signNote,
  toBase64,
  type Checkpoint,
} from '@dalil/verify';
import { carryCommit } from '../log/tiles.ts';
import { openFolder } from '../store/folder.ts';
import { checkpointPage } from './since.ts';

const id = '008ba6f2c8f0fffcfb351898b9234490';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = fromBase64url((publicKey.export({ format: 'jwk' }) as { x: string }).x)!;
const card = formatCaseFile(id, raw, raw);
const key = parseCaseFile(card).checkpoints;

/** A log of made-up entries, committed in turns of these sizes; gives the checkpoint after each. */
async function makeLog(path: string, turns: readonly number[], word = 'entry'): Promise<Checkpoint[]> {
  const folder = openFolder(path);
  await folder.write([{ path: 'case.json', bytes: card }]);
  const checkpoints: Checkpoint[] = [];
  let edge = new Edge();
  for (const count of turns) {
    const from = edge.size;
    const entries = Array.from({ length: count }, (_, i) => `${word} ${from + i}`);
    const after = edge.copy();
    for (const entry of entries) after.push(leafHash(entryBytes(entry)));
    const note = signNote(checkpointText(key.name, after.size, after.root()), key, (text) =>
      sign(null, text, privateKey),
    );
    edge = (await carryCommit(folder, { from, entries, openings: entries, note }, edge))!;
    checkpoints.push({ origin: key.name, size: edge.size, root: edge.root(), note });
  }
  return checkpoints;
}

let folder: string;
let log: string;
let checkpoints: Checkpoint[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-since-'));
  log = join(folder, 'log');
  checkpoints = await makeLog(log, [1, 4, 251, 1, 300, 43]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sinceIn = (path: string, kept: Parameters<typeof checkSince>[1]) => checkSince(openFolder(path), kept);

test('a log extends each of its own checkpoints, kept on paper or signed', async () => {
  for (const checkpoint of checkpoints) {
    const shown = await sinceIn(log, formatKept(checkpoint));
    expect(shown).toMatchObject({ ok: true, code: 'extends', kept: { size: checkpoint.size }, newest: { size: 600 } });
    expect(await sinceIn(log, checkpoint.note)).toEqual(shown);
    expect(await sinceIn(log, { size: checkpoint.size, root: checkpoint.root })).toEqual(shown);
  }
  expect((await sinceIn(log, checkpoints[1]!.note)).proof.length).toBeGreaterThan(3);
});

test('a rewritten log is found out, whichever record was exchanged, and so is one rolled back', async () => {
  const forged = join(folder, 'forged');
  await makeLog(forged, [1, 4, 251, 1, 300, 43], 'Entry');
  for (const { note } of checkpoints) {
    expect(await sinceIn(forged, note)).toMatchObject({ ok: false, code: 'rewritten' });
  }
  const older = join(folder, 'older');
  await makeLog(older, [1, 4]);
  expect(await sinceIn(older, checkpoints[2]!.note)).toMatchObject({ code: 'rolled-back' });
  expect(await sinceIn(older, checkpoints[1]!.note)).toMatchObject({ code: 'extends' });
});

test('what was kept must be readable, of this case, and signed where it claims to be', async () => {
  const { note, size, root, origin } = checkpoints[1]!;
  const other = origin.replace('008b', '008c');
  expect(await sinceIn(log, 'a word')).toMatchObject({ code: 'unreadable' });
  expect(await sinceIn(log, { size: 0, root })).toMatchObject({ code: 'unreadable' });
  expect(await sinceIn(log, formatKept({ origin: other, size, root }))).toMatchObject({ code: 'another-log' });
  expect(await sinceIn(log, note.replace(`\n${size}\n`, `\n${size + 1}\n`))).toMatchObject({ code: 'not-signed' });
  expect(await sinceIn(join(folder, 'nothing'), note)).toMatchObject({ code: 'damaged' });
});

test('without the tiles nothing is claimed', async () => {
  const bare = join(folder, 'bare');
  await makeLog(bare, [300, 5]);
  await rm(join(bare, 'log/tile'), { recursive: true });
  const first = (await makeLog(join(folder, 'again'), [300]))[0]!;
  expect(await sinceIn(bare, first.note)).toMatchObject({ ok: false, code: 'damaged' });
});

const anyCheckpoint = fc.record({
  origin: fc.constant(key.name),
  size: fc.nat(),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

test('the short form survives line breaks anywhere', () => {
  fc.assert(
    fc.property(anyCheckpoint, fc.integer({ min: 1, max: 60 }), (checkpoint, width) => {
      const broken = formatKept(checkpoint).replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\r\n  ');
      expect(parseKept(broken)).toEqual({ ...checkpoint, root: Buffer.from(checkpoint.root), note: null });
    }),
  );
});

test('a slip of the pen is told from a rewritten log', () => {
  const line = formatKept(checkpoints[4]!);
  for (let at = line.indexOf(' 557 ') + 1; at < line.length; at++) {
    if (line[at] === ' ') continue;
    const slipped = `${line.slice(0, at)}${line[at] === '7' ? '1' : '7'}${line.slice(at + 1)}`;
    expect(() => parseKept(slipped), String(at)).toThrow(FormatError);
  }
  // Without its check it still can be used.
  expect(parseKept(line.slice(0, -9)).size).toBe(557);
});

test('foreign text gives the declared error and no other', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `dalil-checkpoint/1 ${text}`),
      ),
      (text) => {
        expect(() => parseKept(text)).toThrow(FormatError);
      },
    ),
  );
});

test('the page for a safe holds the checkpoint as text and as a code, asks for nothing, and is the same each time', () => {
  const checkpoint = checkpoints[3]!;
  const parts = { checkpoint, printedAt: '2026-11-23T06:28:16.464Z' };
  const page = checkpointPage(parts);
  expect(page).toBe(checkpointPage(parts));
  expect(page).toContain(formatKept(checkpoint));
  expect(page).toContain('2026-11-23 06:28 UTC');
  expect(page).not.toMatch(/(?:src|href)=|<script|url\(/);
  expect(page.replaceAll(/<[^>]+>/g, '')).toContain(toBase64(checkpoint.root).slice(0, 4));
  expect(page.match(/<svg/g)).toHaveLength(1);
});
