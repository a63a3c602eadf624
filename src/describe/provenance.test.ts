// Judges of other tools' claims over files in a folder: what is whole holds, one byte changed fails, what is missing or cannot
// be known stays unchecked, and nothing hostile is believed, thrown or waited for.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import type { ClaimFile } from './claim-file.ts';
import { claimValues } from './claim-values.ts';
import { judgeProof, parseProof, proofRoles } from './proofmode.ts';
import { defaultProvenanceSettings as settings, type Judgement } from './provenance-records.ts';
import {
  altered,
  page,
  phoneKey,
  proofMode,
  sha256,
  signDetached,
  tella,
  warcGz,
  warcRecord,
  warcRecords,
  waczFiles,
} from './provenance.fixture.ts';
import { judgeTella, parseTella } from './tella.ts';
import { judgeWacz } from './wacz.ts';
import { readWarc } from './warc.ts';

let folder: string;
let n = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dalil-claims-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(role: string, path: string, content: string | Uint8Array): ClaimFile {
  const bytes = Buffer.from(content as Uint8Array);
  const at = join(folder, String(n++));
  writeFileSync(at, bytes);
  return { role, path, item: `E-${n}`, sha256: sha256(bytes), size: bytes.length, at };
}

/** The states of checks by what they are of. */
const states = (judged: Judgement | null): Record<string, string> =>
  Object.fromEntries((judged?.checks ?? []).map(({ what, state }) => [what, state]));

const media = Buffer.from('bytes of a picture');

describe('ProofMode', () => {
  const proofFiles = (files: Readonly<Record<string, string | Uint8Array>>, of: Uint8Array = media): ClaimFile[] => {
    const roles = proofRoles(sha256(media));
    const proof = Object.entries(files).map(([name, content]) => fileOf(roles[name]!, name, content));
    return [...proof, fileOf(of === media ? 'media' : 'other-media', 'IMG_1.jpg', of)];
  };
  const judge = (files: ClaimFile[]) => judgeProof(sha256(media), files, settings);

  test('of a whole proof every hash and signature holds, by a key that nobody vouches for', async () => {
    const judged = (await judge(proofFiles(await proofMode(media, 'IMG_1.jpg'))))!;
    expect(states(judged)).toEqual({
      'SHA-256 of the media': 'holds',
      'hash in the names': 'holds',
      'CSV and JSON': 'holds',
      'signature of the media': 'holds',
      'signature of the JSON': 'holds',
      'signature of the CSV': 'holds',
      'OpenTimestamps: what was stamped': 'holds',
      'OpenTimestamps: when': 'not-checked',
    });
    expect(judged.checks.find(({ what }) => what === 'signature of the media')!.why).toContain('nobody vouches');
    const { publicKey } = await phoneKey();
    expect(judged.signers).toMatchObject([{ form: 'openpgp', key: publicKey.getFingerprint(), name: null }]);
    expect(judged).toMatchObject({ software: 'ProofMode v2.1.0', created: '2024-05-06T07:08:10.000Z' });
    expect(judged.claims.values).toMatchObject({ 'Location.Latitude': '33.5', Manufacturer: 'A maker' });
  });

  test('nothing that betrays the phone is written down, nor the name in its key', async () => {
    const judged = await judge(proofFiles(await proofMode(media, 'IMG_1.jpg')));
    expect(judged!.claims.withheld).toEqual(['DeviceID', 'IPv4', 'CellInfo']);
    expect(JSON.stringify(judged)).not.toMatch(/betrays|192\.0\.2|cid|Somebody/);
  });

  test('one byte changed in the media, the JSON, the CSV or the stamp fails there and nowhere else', async () => {
    const whole = await proofMode(media, 'IMG_1.jpg');
    const hash = sha256(media);
    const failing = async (files: ClaimFile[]) =>
      Object.entries(states(await judge(files))).flatMap(([what, state]) => (state === 'fails' ? [what] : []));
    expect(await failing(proofFiles(whole, altered(media)))).toEqual([
      'SHA-256 of the media',
      'signature of the media',
    ]);
    const json = String(whole[`${hash}.proof.json`]).replace('A maker', 'B maker');
    expect(await failing(proofFiles({ ...whole, [`${hash}.proof.json`]: json }))).toEqual(['signature of the JSON']);
    const csv = String(whole[`${hash}.proof.csv`]).replace('33.5', '33.6');
    expect(await failing(proofFiles({ ...whole, [`${hash}.proof.csv`]: csv }))).toEqual(['signature of the CSV']);
    const ots = altered(whole[`${hash}.ots`] as Uint8Array, 40);
    expect(await failing(proofFiles({ ...whole, [`${hash}.ots`]: ots }))).toEqual(['OpenTimestamps: what was stamped']);
  });

  test('a proof that lies about its hash, signed again by its maker, is held against the names and the other proof', async () => {
    const hash = sha256(media);
    const whole = await proofMode(media, 'IMG_1.jpg');
    const json = String(whole[`${hash}.proof.json`]).replace(hash, sha256('another'));
    const signed = { [`${hash}.proof.json`]: json, [`${hash}.proof.json.asc`]: await signDetached(Buffer.from(json)) };
    expect(states(await judge(proofFiles({ ...whole, ...signed })))).toMatchObject({
      'hash in the names': 'fails',
      'CSV and JSON': 'fails',
      'signature of the JSON': 'holds',
    });
  });

  test('without a key, with the key of somebody else, or without the media nothing is said to fail', async () => {
    const { generateKey } = await import('openpgp');
    const hash = sha256(media);
    const whole = await proofMode(media, 'IMG_1.jpg');
    const { 'pubkey.asc': _key, ...keyless } = whole;
    const unchecked = { 'signature of the media': 'not-checked', 'signature of the JSON': 'not-checked' };
    expect(states(await judge(proofFiles(keyless)))).toMatchObject(unchecked);
    const other = await generateKey({ userIDs: [{ name: 'x' }] });
    expect(states(await judge(proofFiles({ ...whole, 'pubkey.asc': other.publicKey })))).toMatchObject(unchecked);
    expect(states(await judge(proofFiles({ ...whole, 'pubkey.asc': 'no key' })))).toMatchObject(unchecked);
    const alone = proofFiles(whole).filter(({ role }) => role !== 'media');
    expect(states(await judge(alone))).toMatchObject({
      'SHA-256 of the media': 'not-checked',
      'signature of the media': 'not-checked',
      'signature of the JSON': 'holds',
    });
    const { [`${hash}.asc`]: _signature, ...unsigned } = whole;
    expect(states(await judge(proofFiles(unsigned)))).toMatchObject({ 'signature of the media': 'not-checked' });
  });

  test('a signature over SHA-1, which anybody with time can forge, is not checked', async () => {
    const { sign, createMessage, enums } = await import('openpgp');
    const hash = sha256(media);
    const weak = await sign({
      message: await createMessage({ binary: media }),
      signingKeys: (await phoneKey()).privateKey,
      detached: true,
      config: { preferredHashAlgorithm: enums.hash.sha1, nonDeterministicSignaturesViaNotation: false },
    });
    const judged = await judge(proofFiles({ ...(await proofMode(media, 'IMG_1.jpg')), [`${hash}.asc`]: weak }));
    expect(judged!.checks.find(({ what }) => what === 'signature of the media')).toMatchObject({
      state: 'not-checked',
      why: expect.stringContaining('too weak'),
    });
  });

  test('whatever is done to a signature or a key, the judge does not throw', async () => {
    const hash = sha256(media);
    const whole = await proofMode(media, 'IMG_1.jpg');
    const { unarmor } = await import('openpgp');
    const binary = async (armored: unknown): Promise<Uint8Array> => {
      const { data } = await unarmor(String(armored));
      return data as unknown as Uint8Array;
    };
    for (const name of [`${hash}.asc`, 'pubkey.asc']) {
      for (const bytes of [Buffer.from(String(whole[name])), Buffer.from(await binary(whole[name]))]) {
        await fc.assert(
          fc.asyncProperty(
            fc.nat(bytes.length - 1),
            fc.uint8Array({ minLength: 1, maxLength: 8 }),
            async (at, noise) => {
              const broken = Buffer.from(bytes);
              broken.set(noise.subarray(0, bytes.length - at), at);
              const judged = await judge(proofFiles({ ...whole, [name]: broken }));
              expect(judged!.checks.length).toBeGreaterThan(5);
            },
          ),
          { numRuns: 25 },
        );
      }
    }
  });

  test('what is no signature fails, whatever bytes it has', async () => {
    const hash = sha256(media);
    const whole = await proofMode(media, 'IMG_1.jpg');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const judged = await judge(proofFiles({ ...whole, [`${hash}.asc`]: bytes }));
        expect(['fails', 'not-checked']).toContain(states(judged)['signature of the media']);
      }),
      { numRuns: 20 },
    );
  });
});

describe('Tella', () => {
  test('the hash that it states is held against the file, and nothing of the phone is written down', async () => {
    const files = (of: Uint8Array): ClaimFile[] => [
      fileOf('metadata', 'a.csv', tella(media, 'a.jpg')),
      fileOf(of === media ? 'media' : 'other-media', 'a.jpg', of),
    ];
    const judged = (await judgeTella(files(media), settings))!;
    expect(states(judged)).toEqual({ 'SHA-256 of the media': 'holds' });
    expect(judged).toMatchObject({ software: 'Tella', created: '2024-05-06T07:08:09.000Z' });
    expect(judged.claims.withheld).toEqual(['Cells', 'WiFis', 'Device ID']);
    expect(JSON.stringify(judged)).not.toMatch(/betrays|network of/);
    expect(states(await judgeTella(files(altered(media)), settings))).toEqual({ 'SHA-256 of the media': 'fails' });
    expect(states(await judgeTella(files(media).slice(0, 1), settings))).toEqual({
      'SHA-256 of the media': 'not-checked',
    });
  });

  test('other tables are not taken for it', async () => {
    for (const text of ['', 'a,b\n1,2\n', '{"fileHash": 1}', 'File hash;File path\n', '[]'])
      expect(await judgeTella([fileOf('metadata', 'a.csv', text)], settings)).toBeNull();
  });
});

describe('a web archive package', () => {
  const packageFiles = (files: Readonly<Record<string, Uint8Array>>): ClaimFile[] =>
    Object.entries(files).map(([path, bytes]) => {
      const role = { 'datapackage.json': 'description', 'datapackage-digest.json': 'digest' }[path] ?? 'member';
      return fileOf(role, path, bytes);
    });
  const judge = async (files: Readonly<Record<string, Uint8Array>>, whole = true) =>
    judgeWacz(packageFiles(files), whole, settings);
  const sound = {
    'SHA-256 of the files': 'holds',
    'nothing besides': 'holds',
    'SHA-256 of the description': 'holds',
    'signature of the package': 'holds',
    records: 'holds',
    'payload digests': 'holds',
    'block digests': 'holds',
  };

  test('signed by a key: every hash, the signature, and each record hold; captures are kept as text', async () => {
    const judged = (await judge(await waczFiles('key')))!;
    expect(states(judged)).toEqual(sound);
    expect(judged).toMatchObject({ software: 'a-packer 1.0', created: '2024-05-06T07:08:09Z' });
    expect(judged.claims.values).toMatchObject({ warcinfo: 'a-crawler 1.2.3', wacz_version: '1.1.1' });
    expect(judged.captures).toEqual({
      count: 2,
      listed: ['https://example.org/page?q=1', 'https://example.org/picture'].map((url) => {
        return { url, time: '2024-05-06T07:08:09Z', status: 200, type: 'text/html' };
      }),
    });
    expect(judged.signers).toMatchObject([{ form: 'ecdsa', name: null }]);
  });

  test('signed by a domain: the certificate is held against its chain, domain and time, and trusted by nobody', async () => {
    const judged = (await judge(await waczFiles('domain')))!;
    expect(states(judged)).toEqual({
      ...sound,
      'domain of the certificate': 'holds',
      'certificate valid then': 'holds',
      'chain of the certificate': 'holds',
      'trust in the certificate': 'not-checked',
      'timestamp of the signature': 'not-checked',
    });
    expect(judged.signers).toMatchObject([{ form: 'certificate', name: 'archive.example.org', stamped: null }]);
    const later = await judge(await waczFiles('domain', { created: '2041-01-01T00:00:00Z' }));
    expect(states(later)).toMatchObject({ 'certificate valid then': 'fails', 'signature of the package': 'holds' });
  });

  test.skipIf(withoutOpenssl() !== null)(
    'its timestamp is checked, and must be near the time that it states',
    async () => {
      const authority = new TestAuthority(join(folder, 'authority'));
      const stamp = (message: string) => ({
        reply: authority.reply(authority.query(Buffer.from(message), '-sha256 -no_nonce')),
        pem: authority.pem('intermediate') + authority.pem('root'),
      });
      const now = new Date().toISOString();
      const near = await judge(await waczFiles('domain', { created: now, stamp }));
      expect(states(near)['timestamp of the signature']).toBe('holds');
      expect(near!.signers[0]!.stamped).toMatch(/^\d{4}-/);
      const far = await judge(await waczFiles('domain', { created: '2024-05-06T07:08:09Z', stamp }));
      expect(states(far)['timestamp of the signature']).toBe('fails');
      const other = await judge(await waczFiles('domain', { created: now, stamp: (message) => stamp(`${message}x`) }));
      expect(states(other)['timestamp of the signature']).toBe('fails');
    },
  );

  test('one byte changed in a file, the description or the signature fails there', async () => {
    const files = await waczFiles('key');
    const failing = async (some: Readonly<Record<string, Uint8Array>>) =>
      Object.entries(states(await judge({ ...files, ...some }))).flatMap(([what, state]) =>
        state === 'fails' ? [what] : [],
      );
    expect(await failing({ 'pages/pages.jsonl': altered(files['pages/pages.jsonl']!) })).toEqual([
      'SHA-256 of the files',
    ]);
    const description = Buffer.from(String(files['datapackage.json']).replace('a-packer', 'b-packer'));
    expect(await failing({ 'datapackage.json': description })).toEqual([
      'SHA-256 of the description',
      'signature of the package',
    ]);
    const digest = JSON.parse(String(files['datapackage-digest.json'])) as { signedData: { signature: string } };
    const forged = altered(Buffer.from(digest.signedData.signature, 'base64')).toString('base64');
    digest.signedData.signature = forged;
    expect(await failing({ 'datapackage-digest.json': Buffer.from(JSON.stringify(digest)) })).toEqual([
      'signature of the package',
    ]);
    expect(await failing({ 'extra.txt': Buffer.from('not listed') })).toEqual(['nothing besides']);
    const { 'indexes/index.cdx': _index, ...fewer } = files;
    expect(states(await judge(fewer))['SHA-256 of the files']).toBe('fails');
  });

  test('a description signed again after a change of its hash is believed no more than its signature', async () => {
    // The signature may say that it is of any hash: it is held against what was sealed.
    const files = await waczFiles('key');
    const other = await waczFiles('key', { created: '2023-01-01T00:00:00Z' });
    const judged = await judge({ ...files, 'datapackage-digest.json': other['datapackage-digest.json']! });
    expect(states(judged)).toMatchObject({
      'SHA-256 of the description': 'fails',
      'signature of the package': 'fails',
    });
  });

  test('a payload that is another than its record states fails, though the package was listed anew over it', async () => {
    const [info, one] = warcRecords();
    const lying = warcRecord('response', 'https://example.org/x', page('changed'), {
      digest: `sha256:${sha256('true')}`,
    });
    const judged = await judge(await waczFiles('key', { archive: warcGz([info!, one!, lying]) }));
    expect(states(judged)).toEqual({ ...sound, 'payload digests': 'fails' });
  });

  test('paths that lead out find nothing, and a list without end is cut', async () => {
    const files = await waczFiles('none');
    const resources = [{ path: '../../etc/passwd', hash: `sha256:${sha256('x')}` }, null, 7, { path: 3 }];
    const description = Buffer.from(JSON.stringify({ wacz_version: '1.1.1', resources }));
    const judged = (await judge({ ...files, 'datapackage.json': description }))!;
    expect(judged.parts.filter(({ role, stated }) => role === 'resource' && stated !== null)).toMatchObject([
      { path: '../../etc/passwd', item: null, outcome: 'missing' },
    ]);
    const many = Array.from({ length: 20_000 }, (_, i) => ({ path: `a/${i}` }));
    const long = Buffer.from(JSON.stringify({ wacz_version: '1.1.1', resources: many }));
    const cut = (await judge({ ...files, 'datapackage.json': long }, false))!;
    expect(cut.parts.filter(({ role }) => role === 'resource')).toHaveLength(settings.fileLimit);
    expect(states(cut)['files beyond the limit']).toBe('not-checked');
  });

  test('an archive that unpacks to more than the limit is left there, and says so', async () => {
    const head = 'WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 1000000000000\r\n\r\n';
    const bomb = gzipSync(Buffer.concat([Buffer.from(head), Buffer.alloc(64 << 20)]));
    const files = packageFiles(await waczFiles('none', { archive: bomb }));
    const judged = await judgeWacz(files, true, { ...settings, warcLimit: 8 << 20 });
    expect(states(judged)).toMatchObject({ 'SHA-256 of the files': 'holds', records: 'not-checked' });
    const whole = await judgeWacz(files, true, settings);
    expect(states(whole)).toMatchObject({ records: 'fails' });
  });

  test('a Data Package of something else is none', async () => {
    const other = Buffer.from(JSON.stringify({ profile: 'data-package', resources: [{ path: 'data.csv' }] }));
    expect(await judge({ 'datapackage.json': other })).toBeNull();
    expect(await judge({ 'datapackage.json': Buffer.from('{') })).toBeNull();
  });
});

describe('a web archive', () => {
  async function* stream(bytes: Uint8Array, piece = 7): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  const read = (bytes: Uint8Array, limits = {}, piece = 7) =>
    readWarc(stream(bytes, piece), { limit: 1 << 30, captureLimit: 100, ...limits });
  const whole = Buffer.concat(warcRecords());

  test('says the same however it is cut into pieces', async () => {
    const once = await read(whole, {}, whole.length);
    expect(once).toMatchObject({ records: 3, software: 'a-crawler 1.2.3', ended: null });
    expect(once.payloads).toEqual({ holds: 2, fails: 0, unchecked: 0, unstated: 0 });
    expect(once.blocks).toEqual({ holds: 3, fails: 0, unchecked: 0, unstated: 0 });
    for (const piece of [1, 2, 3, 100, 4096]) expect(await read(whole, {}, piece)).toEqual(once);
  });

  test('digests are read in hexadecimal, base32 and base64, and unknown ones are not judged', async () => {
    const body = 'a body';
    const of = async (digest: string) =>
      (await read(warcRecord('response', 'https://x/', page(body), { digest }))).payloads;
    const hex = sha256(body);
    expect(await of(`sha-256:${hex.toUpperCase()}`)).toMatchObject({ holds: 1 });
    expect(await of(`sha256:${Buffer.from(hex, 'hex').toString('base64')}`)).toMatchObject({ holds: 1 });
    expect(await of(`sha1:${'A'.repeat(32)}`)).toMatchObject({ fails: 1 });
    expect(await of(`blake3:${hex}`)).toMatchObject({ unchecked: 1 });
  });

  test('cut anywhere it breaks off, and what stood before is said', async () => {
    for (let end = 1; end < whole.length - 4; end += 997) {
      const { ended, records } = await read(whole.subarray(0, end), {}, 512);
      const boundary = records > 0 && ended === null;
      expect(boundary || ended === 'cut', String(end)).toBe(true);
    }
  });

  test('lengths that lie, heads without end and bombs are stopped', async () => {
    const length = (value: string) =>
      Buffer.from(`WARC/1.1\r\nWARC-Type: response\r\nContent-Length: ${value}\r\n\r\nabc`);
    expect((await read(length('9007199254740991'))).ended).toBe('cut');
    for (const value of ['-1', '1e9', '', '99999999999999999'])
      expect((await read(length(value))).ended).toBe('malformed');
    expect((await read(Buffer.alloc(200_000, 'a'), {}, 4096)).ended).toBe('malformed');
    expect((await read(whole, { limit: 100 })).ended).toBe('limit');
    const { captures } = await read(whole, { captureLimit: 1 });
    expect([captures.count, captures.listed.length]).toEqual([2, 1]);
  });

  test('no bytes whatever make it throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(2000), async (noise, at) => {
        const bytes = Buffer.from(whole.subarray(0, 2500));
        bytes.set(noise.subarray(0, bytes.length - (at % 2000)), at % 2000);
        await read(bytes, {}, 64);
        await read(noise, {}, 64);
      }),
      { numRuns: 50 },
    );
  });
});

test('no text whatever makes a reader of claims throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseProof(text);
      parseProof(`File Hash SHA256,a\n${text}`);
      parseTella(text);
      parseTella(`File hash,File path,File name,\n${text}`);
      claimValues({ [text]: text, __proto__: text }, 100);
    }),
  );
});
