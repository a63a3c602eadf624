// A bundle checked without Node, by packages/verify/check-bundle.sh: the bundle holds, and after each of these alterations,
// packed again so that the bag itself is in order where that is the point, it does not, and for the reason expected.
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkBundle,
  consistencyPath,
  formatBundleFile,
  openDisclosure,
  parseBundleFile,
  proofPath,
  recordPath,
  spicyPath,
  toBase64url,
  type BundleFile,
} from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { packAgain } from './bundle.fixture.ts';
import { openShellBundle, type ShellBundle } from './shell.fixture.ts';

const script = fileURLToPath(new URL('../../packages/verify/check-bundle.sh', import.meta.url));
const needed = 'awk base64 basenc bash cmp comm find grep join jq openssl sed sha256sum sort tr xxd'.split(' ');
const missing = needed.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
const skipped = missing.length > 0 ? `not installed: ${missing.join(', ')}` : withoutOpenssl();
if (skipped !== null) console.warn(`left out: the check of a bundle by a shell (${skipped})`);

let sample: ShellBundle;
/** What each disclosed record says, by its position. */
const said = new Map<number, Record<string, unknown>>();
let file: BundleFile;

beforeAll(async () => {
  if (skipped !== null) return;
  sample = await openShellBundle();
  file = parseBundleFile(await readFile(join(sample.bundle, 'data/bundle.json'), 'utf8'));
  for (const position of file.records) {
    const [, ...openings] = (await readFile(join(sample.bundle, recordPath(position)), 'utf8')).split('~').slice(0, -1);
    said.set(position, Object.fromEntries(openings.map((one) => Object.values(openDisclosure(one)!))));
  }
}, 300_000);
afterAll(async () => {
  if (skipped === null) await sample.close();
});

function shell(path: string, ...more: string[]): Promise<{ code: number; told: string }> {
  return new Promise((resolve) => {
    execFile('bash', [script, ...more, path], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), told: stdout + stderr }),
    );
  });
}

/** A copy of the bundle, to be altered. */
class Copy {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  at(name: string): string {
    return join(this.path, name);
  }
  text(name: string): Promise<string> {
    return readFile(this.at(name), 'utf8');
  }
  async edit(name: string, change: (content: string) => string): Promise<void> {
    const before = await this.text(name);
    const after = change(before);
    if (after === before) throw new Error(`${name} was not altered`);
    await writeFile(this.at(name), after);
  }
  /** Both forms of a record's proof. */
  async editProof(position: number, change: (content: string) => string): Promise<void> {
    await this.edit(proofPath(position), change);
    await this.edit(spicyPath(position), change);
  }
  async editBundle(change: (bundle: BundleFile) => BundleFile): Promise<void> {
    await this.edit('data/bundle.json', (text) => formatBundleFile(change(parseBundleFile(text))));
  }
  /** A record is taken out, as if it had never been chosen. */
  async withhold(position: number): Promise<void> {
    for (const path of [recordPath, proofPath, spicyPath]) await rm(this.at(path(position)));
    await this.editBundle((bundle) => ({ ...bundle, records: bundle.records.filter((one) => one !== position) }));
  }
  async trade(a: string, b: string): Promise<void> {
    await rename(this.at(a), this.at('aside'));
    await rename(this.at(b), this.at(a));
    await rename(this.at('aside'), this.at(b));
  }
  async take(name: string, from: string): Promise<void> {
    await cp(join(from, name), this.at(name), { recursive: true });
  }
}

const of = (kind: string): number => [...said].findLast(([, fields]) => fields['kind'] === kind)![0];
const originals = async (copy: Copy): Promise<string[]> =>
  (await readdir(copy.at('data/originals'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(copy.path.length + 1))
    .toSorted();
const cited = (position: number, role: string): string => {
  const { sha256 } = (said.get(position)!['files'] as Record<string, { sha256: string }>)[role]!;
  return `data/records/blobs/sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
};
const flip = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
/** Another spelling of a record's disclosure of this field. */
const respell = (record: string, field: string, change: (parts: unknown[]) => unknown[]): string =>
  record
    .split('~')
    .map((one, i) => {
      const parts = i === 0 || one === '' ? null : (JSON.parse(Buffer.from(one, 'base64url').toString()) as unknown[]);
      return parts?.[1] === field ? toBase64url(Buffer.from(JSON.stringify(change(parts)))) : one;
    })
    .join('~');

type Alter = (copy: Copy) => Promise<unknown>;
/** What it is, how it is done, what the script must say; `bare` where the bag is not packed again. */
const alterations: [string, Alter, RegExp, 'bare'?][] = [
  [
    'an original with a letter changed',
    async (copy) => copy.edit((await originals(copy))[0]!, (text) => `${text}!`),
    /altered: data\/originals/,
    'bare',
  ],
  [
    'an original with a letter changed, packed again',
    async (copy) => copy.edit((await originals(copy))[0]!, (text) => `${text}!`),
    /no record speaks of data\/originals/,
  ],
  [
    'two originals in each other’s place',
    async (copy) => copy.trade(...((await originals(copy)).slice(0, 2) as [string, string])),
    /no record speaks of data\/originals/,
  ],
  [
    'a file more',
    (copy) => writeFile(copy.at('data/readme.txt'), 'trust me'),
    /not named by a manifest: data\/readme.txt/,
    'bare',
  ],
  [
    'a file more that the manifest names',
    (copy) => writeFile(copy.at('data/readme.txt'), 'trust me'),
    /no record speaks of data\/readme.txt/,
  ],
  [
    'a file more beside the payload',
    (copy) => writeFile(copy.at('readme.txt'), 'trust me'),
    /no such tag file: readme.txt/,
  ],
  [
    'a file of the vault',
    (copy) => cp(copy.at('data/records'), copy.at('data/vault'), { recursive: true }),
    /vault does not leave/,
  ],
  ['a file less', async (copy) => rm(copy.at((await originals(copy))[0]!)), /missing: data\/originals/, 'bare'],
  ['a file less, packed again', async (copy) => rm(copy.at((await originals(copy))[0]!)), /counts other files/],
  ['a link', async (copy) => symlink('/etc/passwd', copy.at('data/link')), /a link or a special file/, 'bare'],
  [
    'a path out of the bag',
    (copy) => copy.edit('manifest-sha256.txt', (text) => text.replace('data/bundle.json', 'data/../../bundle.json')),
    /a path leaves the bag/,
    'bare',
  ],
  [
    'a line of the manifest twice',
    (copy) => copy.edit('manifest-sha256.txt', (text) => text.replace(/^.*\n/, '$&$&')),
    /a path stands twice/,
    'bare',
  ],
  [
    'a byte order mark in bagit.txt',
    (copy) => copy.edit('bagit.txt', (text) => `\ufeff${text}`),
    /not the declaration of a bag/,
  ],
  [
    'a byte order mark before the card',
    (copy) => copy.edit('data/case.json', (text) => `\ufeff${text}`),
    /case\.json is not in its one form/,
  ],
  [
    'other sums in bag-info.txt',
    (copy) => copy.edit('bag-info.txt', (text) => text.replace(/Oxum: \d/, 'Oxum: 9')),
    /bag-info.txt speaks of other contents/,
    'bare',
  ],
  [
    'a line more in bag-info.txt',
    (copy) => copy.edit('bag-info.txt', (text) => `${text}Source-Organization: a court\n`),
    /bag-info.txt speaks of other contents/,
  ],
  [
    'a record with its signature altered',
    (copy) => copy.edit(recordPath(0), (text) => flip(text, text.indexOf('~') - 40)),
    /record 0 is not signed/,
  ],
  [
    'a disclosure under another salt',
    (copy) =>
      copy.edit(recordPath(0), (text) =>
        respell(text, 'kind', ([, name, value]) => ['AAAAAAAAAAAAAAAAAAAAAA', name, value]),
      ),
    /record 0: a disclosure is not among its digests/,
  ],
  [
    'a disclosure that says something else',
    (copy) =>
      copy.edit(recordPath(of('report.inventory')), (text) =>
        respell(text, 'items', ([salt, name]) => [salt, name, 2]),
      ),
    /a disclosure is not among its digests/,
  ],
  [
    'a disclosure twice',
    (copy) => copy.edit(recordPath(0), (text) => `${text}${text.split('~')[1]}~`),
    /record 0: a disclosure is repeated/,
  ],
  [
    'a disclosure of another record',
    async (copy) => {
      const other = (await copy.text(recordPath(of('intake.item')))).split('~')[1];
      await copy.edit(recordPath(0), (text) => `${text}${other}~`);
    },
    /record 0: a disclosure is not among its digests/,
  ],
  [
    'two records in each other’s place',
    (copy) => copy.trade(recordPath(file.records[1]!), recordPath(file.records[2]!)),
    /is not in the log at its place/,
  ],
  [
    'two records with their proofs in each other’s place',
    async (copy) => {
      for (const path of [recordPath, proofPath, spicyPath])
        await copy.trade(path(file.records[1]!), path(file.records[2]!));
    },
    /its proof is of another place/,
  ],
  [
    'the proof of another record, its index changed',
    async (copy) => {
      const [a, b] = [file.records[1]!, file.records[2]!];
      const other = await copy.text(proofPath(b));
      await copy.edit(proofPath(a), () => other.replace(`index ${b}`, `index ${a}`));
      await copy.edit(spicyPath(a), () => other.replace(`index ${b}`, `index ${a}`).split('\n').slice(1).join('\n'));
    },
    /is not in the log at its place/,
  ],
  [
    'a proof with another index',
    (copy) => copy.editProof(file.records[2]!, (text) => text.replace(/index \d+/, 'index 1')),
    /its proof is of another place/,
  ],
  [
    'a proof cut short',
    (copy) => copy.editProof(file.records[1]!, (text) => text.replace(/\n[^\n]+\n\n/, '\n\n')),
    /is not in the log at its place/,
  ],
  [
    'a hash of a proof altered',
    (copy) => copy.editProof(file.records[1]!, (text) => flip(text, text.indexOf('\n', text.indexOf('index ')) + 5)),
    /is not in the log at its place/,
  ],
  [
    'two forms of a proof that differ',
    (copy) => copy.edit(spicyPath(0), (text) => flip(text, text.indexOf('\n') + 5)),
    /its two proofs are not the same/,
  ],
  [
    'the checkpoint of an earlier bundle',
    (copy) => copy.take('data/checkpoint', sample.earlier),
    /bundle.json speaks of another case or checkpoint/,
  ],
  [
    'the checkpoint of an earlier bundle, in every place',
    async (copy) => {
      const { checkpoint } = parseBundleFile(await readFile(join(sample.earlier, 'data/bundle.json'), 'utf8'));
      const note = await readFile(join(sample.earlier, 'data/checkpoint'), 'utf8');
      await copy.take('data/checkpoint', sample.earlier);
      await copy.editBundle((bundle) => ({ ...bundle, checkpoint }));
      for (const position of file.records)
        await copy.editProof(position, (text) => text.slice(0, text.indexOf('\n\n') + 2) + note);
    },
    /its records are not positions|is not in the log/,
  ],
  [
    'the checkpoint of a forked log, in every place',
    async (copy) => {
      const { checkpoint } = parseBundleFile(await readFile(join(sample.forked, 'data/bundle.json'), 'utf8'));
      const note = await readFile(join(sample.forked, 'data/checkpoint'), 'utf8');
      await copy.take('data/checkpoint', sample.forked);
      await copy.editBundle((bundle) => ({ ...bundle, checkpoint }));
      for (const position of file.records)
        await copy.editProof(position, (text) => text.slice(0, text.indexOf('\n\n') + 2) + note);
    },
    /is not in the log at its place/,
  ],
  [
    'a record of a forked log',
    async (copy) => {
      const last = file.records.at(-1)!;
      for (const path of [recordPath, proofPath, spicyPath]) await copy.take(path(last), sample.forked);
    },
    /its proof is of another place or checkpoint/,
  ],
  [
    'a checkpoint with its root altered',
    (copy) => copy.edit('data/checkpoint', (text) => flip(text, text.indexOf('=') - 9)),
    /data\/checkpoint is not signed/,
  ],
  [
    'a checkpoint signed twice',
    (copy) => copy.edit('data/checkpoint', (text) => text + text.slice(text.indexOf('—'))),
    /data\/checkpoint is not signed/,
  ],
  [
    'the keys of another case beside the payload',
    (copy) => copy.take('keys', sample.other),
    /the keys beside the payload are not/,
  ],
  [
    'the card of another case',
    (copy) => copy.take('data/case.json', sample.other),
    /data\/checkpoint is not signed by the key/,
  ],
  [
    'the card with another key in it',
    async (copy) => {
      const { recordKey } = JSON.parse(await readFile(join(sample.other, 'data/case.json'), 'utf8')) as {
        recordKey: unknown;
      };
      await copy.edit(
        'data/case.json',
        (text) =>
          `${JSON.stringify({ ...(JSON.parse(text) as object), recordKey }, ['format', 'id', 'recordKey', 'kty', 'crv', 'x', 'kid', 'checkpointKey'], 2)}\n`,
      );
    },
    /is not signed by the key of the case/,
  ],
  [
    'two tokens in each other’s place',
    async (copy) => {
      const [a, b] = [...said]
        .filter(([, { kind }]) => kind === 'seal.timestamp')
        .map(([position]) => cited(position, 'reply'));
      await copy.trade(a!, b!);
    },
    /the timestamp does not hold|gives another time/,
  ],
  [
    'a token altered',
    async (copy) => {
      const path = copy.at(cited(of('seal.timestamp'), 'reply'));
      const bytes = await readFile(path);
      bytes[bytes.length - 20]! ^= 1;
      await writeFile(path, bytes);
    },
    /the timestamp does not hold/,
  ],
  [
    'other anchors',
    (copy) => copy.edit('anchors/outside-1.pem', (text) => flip(text, 80)),
    /anchors\/outside-1.pem is not what the case trusts/,
  ],
  [
    'anchors of nobody',
    (copy) => cp(copy.at('anchors/outside-1.pem'), copy.at('anchors/elsewhere-1.pem')),
    /no record speaks of anchors\/elsewhere-1.pem/,
  ],
  [
    'a cosignature altered',
    (copy) => copy.edit(cited(of('seal.cosignature'), 'cosignature'), (text) => flip(text, text.length - 20)),
    /the cosignature does not hold/,
  ],
  ['no inventory', (copy) => copy.withhold(file.records.at(-1)!), /the last record is no inventory/],
  [
    'no reconciliation',
    (copy) => copy.withhold(of('intake.reconciliation')),
    /the inventory cites what is not disclosed/,
  ],
  [
    'a hidden deaccession',
    (copy) => copy.withhold(of('seal.deaccession')),
    /the inventory cites what is not disclosed/,
  ],
  [
    'a deaccession without its number',
    (copy) =>
      copy.edit(recordPath(of('seal.deaccession')), (text) => respell(text, 'count', () => []).replace(/~W10~/, '~')),
    /withholds count/,
  ],
  ['a first record withheld', (copy) => copy.withhold(0), /its records are not positions, rising, from 0/],
  [
    'other numbers of items',
    (copy) =>
      copy.editBundle((bundle) => ({ ...bundle, items: { ...bundle.items, withheld: bundle.items.withheld - 1 } })),
    /counts other items than the inventory/,
  ],
  [
    'other numbers of files',
    (copy) =>
      copy.editBundle((bundle) => ({ ...bundle, files: { ...bundle.files, withheld: bundle.files.withheld + 1 } })),
    /counts other files/,
  ],
  [
    'a consistency proof cut short',
    async (copy) => {
      const size = (said.get(of('seal.timestamp'))!['checkpoint'] as { size: number }).size;
      await copy.edit(consistencyPath(size), (text) => text.replace(/[^\n]+\n$/, ''));
    },
    /is not shown to be of this log/,
  ],
  [
    'a consistency proof missing',
    async (copy) => {
      const size = (said.get(of('seal.cosignature'))!['checkpoint'] as { size: number }).size;
      await rm(copy.at(consistencyPath(size)));
    },
    /is not shown to be of this log/,
  ],
];

describe.skipIf(skipped !== null)('without Node', () => {
  test(
    'the bundle holds, under its own key and anchors as under those that reached a stranger otherwise',
    { timeout: 120_000 },
    async () => {
      const { code, told } = await shell(sample.bundle);
      expect([code, told]).toEqual([0, expect.stringMatching(/unchanged since 20[\s\S]*\nholds\n$/)]);
      expect(told).toMatch(/ 2 timestamps, 1 cosignatures/);
      const key = (await readFile(join(sample.bundle, 'keys/checkpoint.vkey'), 'utf8')).trim();
      expect((await shell(sample.bundle, '--key', key, '--anchors', join(sample.folder, 'root.pem'))).code).toBe(0);
      const other = (await readFile(join(sample.other, 'keys/checkpoint.vkey'), 'utf8')).trim();
      expect(await shell(sample.bundle, '--key', other)).toMatchObject({
        code: 4,
        told: expect.stringContaining('not the one that you trust') as string,
      });
      // The anchors of another world: the bundle's own key file has no certificate in it.
      expect((await shell(sample.bundle, '--anchors', join(sample.bundle, 'keys/record.pem'))).told).toContain(
        'the timestamp does not hold',
      );
      for (const path of [sample.earlier, sample.other, sample.forked]) expect((await shell(path)).code).toBe(0);
      expect((await shell('/nowhere')).code).toBe(2);
    },
  );

  test('there are at least 25 alterations, each another', () => {
    expect(new Set(alterations.map(([what]) => what)).size).toBeGreaterThanOrEqual(25);
  });

  test.concurrent.each(alterations)('found: %s', { timeout: 240_000 }, async (what, alter, expected, bare) => {
    const path = await mkdtemp(join(sample.folder, 'altered-'));
    await cp(sample.bundle, path, { recursive: true });
    await alter(new Copy(path));
    if (bare === undefined) await packAgain(path);
    const { code, told } = await shell(path);
    expect([what, code, told]).toEqual([what, 4, expect.stringMatching(expected)]);
    // Whatever a shell finds, the verifier does too.
    expect((await checkBundle(nodeFiles(path))).ok, what).toBe(false);
    await rm(path, { recursive: true });
  });
});
