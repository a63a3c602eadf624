// Web archive packages (WACZ 1.1.1, of browsertrix, ArchiveWeb.page, auto-archiver): the description's hashes against what
// was sealed, its signature, and the records of the archives inside. Nothing is replayed, and no address is asked.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { objectOf, readSmall, shortText, type ClaimFile } from './claim-file.ts';
import { claimValues } from './claim-values.ts';
import {
  checked,
  unchecked,
  type Check,
  type ClaimedFile,
  type Judgement,
  type ProvenanceSettings,
} from './provenance-records.ts';
import { readWarc, type DigestCount, type WarcReading } from './warc.ts';
import { judgeSignature } from './wacz-signature.ts';

/** Whether this is the description of a web archive, and of no other Data Package. */
export const isWacz = (said: Readonly<Record<string, unknown>>): boolean =>
  typeof said['wacz_version'] === 'string' ||
  (Array.isArray(said['resources']) &&
    said['resources'].some((one) =>
      /^archive\/.*\.warc(?:\.gz)?$/.test(String((one as { path?: unknown } | null)?.path)),
    ));

/**
 * Judges one package. `files`: 'description', 'digest' and 'member', by their paths in it; `whole`: these are all files of
 * one archive, so that one which no list names can be told.
 */
export async function judgeWacz(
  files: readonly ClaimFile[],
  whole: boolean,
  settings: ProvenanceSettings,
): Promise<Judgement | null> {
  const description = files.find(({ role }) => role === 'description');
  const bytes = await readSmall(description, settings.textLimit * 16);
  const said = bytes === null ? null : objectOf(bytes.toString('utf8'));
  if (said === null || !isWacz(said)) return null;
  const { checks, listed } = listedFiles(said, files, settings.fileLimit);
  if (whole) {
    const named = new Set(listed.map(({ path }) => path));
    const other = files.filter(({ role, path }) => role === 'member' && !named.has(path));
    const why =
      other.length === 0 ? 'Every file of the package is listed.' : `${other.length} files of it are in no list.`;
    checks.push(checked('nothing besides', other.length === 0, why));
    for (const { path, item } of other.slice(0, settings.fileLimit))
      listed.push({ role: 'resource', path, stated: null, item, outcome: 'unlisted' });
  }
  const digest = await judgeDigest(files, description!, settings);
  checks.push(...digest.checks);
  const archives = files.filter(({ path }) => /^archive\/.*\.warc(?:\.gz)?$/i.test(path));
  const readings: WarcReading[] = [];
  for (const archive of archives) {
    if (archive.at === null) checks.push(unchecked('records', 'An archive of the package has no bytes here to read.'));
    else readings.push(await readArchive(archive.at, readings, settings));
  }
  checks.push(...recordChecks(readings));
  const { resources: _resources, ...rest } = said;
  const warcinfo = readings.find(({ software }) => software !== null)?.software ?? null;
  return {
    software: shortText(said['software']) ?? shortText(warcinfo),
    created: shortText(said['created'], 100),
    checks,
    signers: digest.signer === null ? [] : [digest.signer],
    claims: claimValues({ ...rest, ...(warcinfo === null ? {} : { warcinfo }) }, settings.rawLimit),
    parts: [
      ...listed,
      ...files
        .filter(({ role }) => role !== 'member')
        .map(({ role, path, item }) => {
          return { role, path, stated: null, item, outcome: item === null ? 'not-sealed' : 'unstated' } as const;
        }),
    ],
    captures: {
      count: readings.reduce((sum, { captures }) => sum + captures.count, 0),
      listed: readings.flatMap(({ captures }) => captures.listed),
    },
  };
}

function listedFiles(
  said: Readonly<Record<string, unknown>>,
  files: readonly ClaimFile[],
  limit: number,
): { checks: Check[]; listed: ClaimedFile[] } {
  const resources = Array.isArray(said['resources']) ? (said['resources'] as unknown[]) : [];
  const byPath = new Map(files.map((file) => [file.path, file]));
  const listed: ClaimedFile[] = [];
  for (const resource of resources.slice(0, limit)) {
    const { path, hash, bytes } = (resource ?? {}) as Record<string, unknown>;
    const name = shortText(path, 4000) ?? '';
    const stated = /^sha256:([0-9a-f]{64})$/i.exec(String(hash))?.[1]?.toLowerCase() ?? null;
    // Looked for among received names only, letter by letter: a path that leads out finds nothing.
    const file = byPath.get(name);
    const sized = typeof bytes !== 'number' || file?.size === bytes;
    const outcome =
      file === undefined
        ? 'missing'
        : file.sha256 === null
          ? 'not-sealed'
          : stated === null
            ? 'unstated'
            : stated === file.sha256 && sized
              ? 'same'
              : 'differs';
    listed.push({ role: 'resource', path: name, stated, item: file?.item ?? null, outcome });
  }
  const n = (outcome: ClaimedFile['outcome']): number => listed.filter((one) => one.outcome === outcome).length;
  const parts = [
    [n('differs'), 'have another'],
    [n('missing'), 'are not there'],
    [n('not-sealed'), 'could not be sealed'],
    [n('unstated'), 'have none stated'],
  ].flatMap(([many, how]) => (many === 0 ? [] : [`, ${many} ${how}`]));
  const what = 'SHA-256 of the files';
  const why = `${n('same')} of ${listed.length} listed files have the stated one${parts.join('')}.`;
  const checks = [
    n('differs') + n('missing') > 0
      ? checked(what, false, why)
      : n('same') > 0 && n('same') === listed.length
        ? checked(what, true, why)
        : unchecked(what, why),
  ];
  if (resources.length > limit)
    checks.push(unchecked('files beyond the limit', `${resources.length - limit} more are listed than are looked at.`));
  return { checks, listed };
}

async function judgeDigest(files: readonly ClaimFile[], description: ClaimFile, settings: ProvenanceSettings) {
  const what = 'SHA-256 of the description';
  const file = files.find(({ role }) => role === 'digest');
  if (file === undefined)
    return {
      checks: [unchecked(what, 'No file states it, so whoever has the package can list anything.')],
      signer: null,
    };
  const bytes = await readSmall(file, settings.textLimit);
  const said = bytes === null ? null : objectOf(bytes.toString('utf8'));
  if (said === null)
    return { checks: [checked(what, false, 'The file that should state it cannot be read.')], signer: null };
  const own = `sha256:${description.sha256}`;
  const check = checked(
    what,
    said['hash'] === own,
    'The description is the one that the package states.',
    'The description is another than the package states.',
  );
  const signed = said['signedData'];
  if (typeof signed !== 'object' || signed === null || Array.isArray(signed))
    return { checks: [check, unchecked('signature of the package', 'There is none.')], signer: null };
  // What was sealed is what must have been signed, whatever hash the signature says it is of.
  const { checks, signer } = await judgeSignature(signed as Record<string, unknown>, own);
  return { checks: [check, ...checks], signer };
}

async function readArchive(
  at: string,
  before: readonly WarcReading[],
  { warcLimit, captureLimit }: ProvenanceSettings,
): Promise<WarcReading> {
  const file = createReadStream(at, { highWaterMark: 1 << 18 });
  const listed = before.reduce((sum, { captures }) => sum + captures.listed.length, 0);
  // Each record is a gzip member of its own; they are unpacked as one stream.
  const bytes = (await isGzip(at)) ? file.pipe(createGunzip({ chunkSize: 1 << 18 })) : file;
  // An error of the file would else be nobody's: pipe does not hand it on.
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error));
  try {
    return await readWarc(bytes as AsyncIterable<Uint8Array>, {
      limit: warcLimit,
      captureLimit: Math.max(0, captureLimit - listed),
    });
  } finally {
    bytes.destroy();
    file.destroy();
  }
}

/** By its bytes: packages are found whose archives are packed under the name of one that is not. */
async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE(0) === 0x1f8b;
  } finally {
    await file.close();
  }
}

function recordChecks(readings: readonly WarcReading[]): Check[] {
  if (readings.length === 0) return [];
  const records = readings.reduce((sum, one) => sum + one.records, 0);
  const sum = (of: (reading: WarcReading) => DigestCount): DigestCount =>
    readings.map(of).reduce((all, one) => ({
      holds: all.holds + one.holds,
      fails: all.fails + one.fails,
      unchecked: all.unchecked + one.unchecked,
      unstated: all.unstated + one.unstated,
    }));
  const whole = readings.every(({ ended }) => ended === null);
  const limit = readings.some(({ ended }) => ended === 'limit');
  const broken = readings.some(({ ended }) => ended === 'cut' || ended === 'malformed');
  const checks: Check[] = [
    broken
      ? checked('records', false, `An archive breaks off or is no WARC from some place on, after ${records} records.`)
      : limit
        ? unchecked('records', `An archive is longer than the limit; ${records} records were read.`)
        : checked('records', whole, `${records} records, read to the end.`),
  ];
  const digests = (what: string, { holds, fails, unchecked: other, unstated }: DigestCount): Check => {
    const all = holds + fails + other;
    const rest = `${other === 0 ? '' : `, ${other} are of a kind that is not checked`}${unstated === 0 ? '' : `, ${unstated} records state none`}`;
    const why = `${holds} of ${all} stated digests hold${rest}.`;
    return fails > 0
      ? checked(what, false, why)
      : holds > 0 && other === 0
        ? checked(what, true, why)
        : unchecked(what, why);
  };
  checks.push(
    digests(
      'payload digests',
      sum(({ payloads }) => payloads),
    ),
  );
  checks.push(
    digests(
      'block digests',
      sum(({ blocks }) => blocks),
    ),
  );
  return checks;
}
