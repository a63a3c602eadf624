// Manifests of C2PA, signed in the test by a certificate of its own: what holds, what one byte changes, and that a file that
// asks for an address gets no answer because nobody asks.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import dns from 'node:dns';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorkers } from '../store/workers.ts';
import { withManifest } from './c2pa.fixture.ts';
import { hasManifest, judgeC2pa } from './c2pa.ts';
import { altered } from './provenance.fixture.ts';
import { defaultProvenanceSettings as settings, type ProvenanceSettings } from './provenance-records.ts';
import type { Claim, Judged } from './provenance.ts';

let folder: string;
let jpeg: Buffer;
let signed: Buffer;
let n = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dalil-c2pa-'));
  jpeg = await picture().jpeg().toBuffer();
  signed = await withManifest(jpeg, 'image/jpeg');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const picture = () => sharp({ create: { width: 64, height: 48, channels: 3, background: '#808080' } });

function placed(bytes: Uint8Array): string {
  const at = join(folder, String(n++));
  writeFileSync(at, bytes);
  return at;
}

async function judge(bytes: Uint8Array, format = 'image/jpeg', some: Partial<ProvenanceSettings> = {}) {
  const at = placed(bytes);
  const file = { role: 'asset', path: 'a.jpg', item: 'E-00001', sha256: null, size: bytes.length, at };
  return judgeC2pa(file, format, { ...settings, ...some });
}

const stateOf = (judged: Awaited<ReturnType<typeof judge>>, what: string): string | undefined =>
  judged?.checks.find((check) => check.what === what)?.state;

test.each([
  ['image/jpeg', 'assertion.dataHash.match', () => picture().jpeg()],
  ['image/png', 'assertion.dataHash.match', () => picture().png()],
  // Of the family of HEIC, MP4 and QuickTime: boxes, and a hash over those.
  ['image/avif', 'assertion.bmffHash.match', () => picture().avif()],
] as const)('a signed %s holds, and its signer is in no list of trust', async (format, hash, make) => {
  const bytes = await withManifest(await make().toBuffer(), format);
  expect(await hasManifest(placed(bytes), format)).toBe(true);
  const judged = (await judge(bytes, format))!;
  expect(judged.checks.filter(({ state }) => state === 'fails')).toEqual([]);
  expect(stateOf(judged, 'claimSignature.validated')).toBe('holds');
  expect(stateOf(judged, hash)).toBe('holds');
  expect(stateOf(judged, 'signingCredential.untrusted')).toBe('not-checked');
  expect(judged).toMatchObject({
    software: 'a-test 1.0',
    created: '2024-05-06T07:08:09Z',
    signers: [{ form: 'c2pa', key: '2', name: 'A test' }],
  });
  expect(judged.claims.values).toMatchObject({ actionCount: 1, ingredientCount: 0, state: 'Valid' });
  const changed = await judge(altered(bytes, bytes.length - 20), format);
  expect(stateOf(changed, hash.replace('match', 'mismatch'))).toBe('fails');
});

test('names of people in assertions are not written down', async () => {
  expect(JSON.stringify(await judge(signed))).not.toMatch(/Somebody Named|A test signer/);
});

test('one byte changed in what was signed fails', async () => {
  const action = signed.indexOf('2024-05-06T07');
  expect(stateOf(await judge(altered(signed, action)), 'assertion.hashedURI.mismatch')).toBe('fails');
  const claim = signed.indexOf('a-test');
  const judged = await judge(altered(signed, claim));
  expect(judged!.checks.some(({ state }) => state === 'fails')).toBe(true);
  expect(stateOf(judged, 'claimSignature.validated')).not.toBe('holds');
});

test('files without a manifest are told by their marks, and mostly without being read', async () => {
  expect(await hasManifest(placed(jpeg), 'image/jpeg')).toBe(false);
  expect(await judge(jpeg)).toBeNull();
  // The mark astride two pieces of a file that is read in pieces.
  const mark = signed.subarray(signed.indexOf('6332706100110010800000aa00389b71', 0, 'hex')).subarray(0, 16);
  for (const before of [(1 << 18) - 8, (1 << 18) - 1, 1 << 18])
    expect(await hasManifest(placed(Buffer.concat([Buffer.alloc(before), mark, Buffer.alloc(9)])), 'video/mp4')).toBe(
      true,
    );
  // After the picture data of a JPEG there is no manifest, whatever stands there.
  expect(await hasManifest(placed(Buffer.concat([jpeg, Buffer.alloc(1 << 19), mark])), 'image/jpeg')).toBe(false);
});

test('a file over the limit is not read, and says so', async () => {
  const judged = (await judge(signed, 'image/jpeg', { assetLimit: 100 }))!;
  expect(judged.checks).toMatchObject([{ what: 'manifest', state: 'not-checked' }]);
});

test('whatever is done to a manifest, the judge does not throw, and where nothing fails it says what was signed', async () => {
  // Labels of boxes and padding are under no hash: of 1,700 bytes of this one 52 may change unseen.
  const start = signed.indexOf('jumb');
  const { claims, software, created } = (await judge(signed))!;
  await fc.assert(
    fc.asyncProperty(fc.nat(signed.length - start - 1), fc.uint8Array({ maxLength: 40 }), async (at, noise) => {
      const broken = Buffer.from(signed);
      broken.set(noise.subarray(0, signed.length - start - at), start + at);
      const judged = await judge(broken);
      if (judged?.checks.every(({ state }) => state !== 'fails') === true && judged.signers.length > 0)
        expect(judged).toMatchObject({ claims, software, created });
    }),
    { numRuns: 60 },
  );
});

test('an address in a file is kept as text and never asked: no socket, no name looked up, no request served', async () => {
  let served = 0;
  const server: Server = createServer((_, response) => {
    served++;
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/manifest.c2pa`;
  const remote = await withManifest(jpeg, 'image/jpeg', { remote: url });
  expect(remote.includes(url)).toBe(true);
  const guards = [
    vi.spyOn(net.Socket.prototype, 'connect'),
    vi.spyOn(dns, 'lookup'),
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nothing is fetched')),
  ];
  try {
    for (const bytes of [remote, signed]) await judge(bytes);
    const judged = (await judge(remote))!;
    expect(judged.checks).toMatchObject([{ what: 'manifest', state: 'not-checked' }]);
    expect(judged.claims.values).toEqual({ remote: url });
    for (const guard of guards) expect(guard).not.toHaveBeenCalled();
    // And in the thread where it runs, which has no fetch to call.
    const workers = openWorkers<{ claim: Claim; settings: ProvenanceSettings }, Judged | null>(
      new URL('./provenance-worker.ts', import.meta.url),
      { threads: 1 },
    );
    const file = { role: 'asset', path: 'a.jpg', item: 'E-1', sha256: null, size: remote.length, at: placed(remote) };
    const claim: Claim = {
      system: 'c2pa',
      receipt: 'E-1',
      path: 'a.jpg',
      stem: '',
      whole: false,
      format: 'image/jpeg',
      files: [file],
    };
    expect((await workers.run({ claim, settings }))!.checks).toMatchObject([{ state: 'not-checked' }]);
    await workers.close();
    expect(served).toBe(0);
  } finally {
    for (const guard of guards) guard.mockRestore();
    server.close();
  }
});

test('the guard would see it: the library as it comes, given the same file, does ask', async () => {
  const remote = await withManifest(jpeg, 'image/jpeg', { remote: 'http://127.0.0.1:9/manifest.c2pa' });
  const asked = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nothing is fetched'));
  try {
    const { WasmReader } = await import('@contentauth/c2pa-wasm');
    await expect(WasmReader.fromBytes('image/jpeg', remote)).rejects.toBeDefined();
    expect(asked).toHaveBeenCalled();
  } finally {
    asked.mockRestore();
  }
});
