// The time authorities of a case: who is asked, under which policy, and which certificates are trusted. There is no
// default one, and without one no request leaves this machine.
import { citedPath, sha256, toHex, type FileCitation } from '@dalil/verify';
import { certificatesFromPem, TimestampError } from '@dalil/verify/timestamp';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { SealTables } from './project.ts';
import { authorityRecord } from './records.ts';

/** An authority that the case trusts now. */
export interface Authority {
  /** Id of its record. */
  id: string;
  name: string;
  url: string;
  policy: string | null;
  revocations: string[];
  /** DER. */
  anchors: Uint8Array[];
}

export interface AuthoritySettings {
  name: string;
  url: string;
  policy: string | null;
  /** Addresses of revocation lists to fetch and keep with each token. */
  revocations: readonly string[];
  /** DER of the certificates to trust. */
  anchors: readonly Uint8Array[];
}

/** The certificates of a PEM file as DER. Fault('input-unreadable') unless there is one at least, and nothing unreadable. */
export function anchorsFromPem(text: string): Uint8Array[] {
  try {
    return certificatesFromPem(text);
  } catch (error) {
    if (!(error instanceof TimestampError)) throw error;
  }
  throw new Fault('input-unreadable', {
    what: 'This file holds no certificate to trust, or one that cannot be read.',
    expected: 'the root certificate of the time authority, as PEM',
    next: 'get it from the authority by a way that you trust, and compare its fingerprint',
  });
}

/** Writes an authority down, in place of one of the same name. Fault('usage') on settings that cannot be. */
export async function addAuthority(opened: OpenCase, settings: AuthoritySettings): Promise<void> {
  const { name, policy } = settings;
  const url = webAddress(settings.url);
  const revocations = settings.revocations.map(webAddress);
  if (!authorityRecord.shape.name.safeParse(name).success) {
    throw new Fault('usage', {
      what: 'This cannot be the name of an authority: it becomes part of published file names.',
      expected: 'up to 32 lower-case letters, digits and hyphens',
    });
  }
  if (policy !== null && !/^[0-2](?:\.(?:0|[1-9]\d*)){1,30}$/.test(policy)) {
    throw new Fault('usage', { what: 'This is no policy.', expected: 'an object identifier: 1.3.6.1.4.1.99999.1' });
  }
  const files: Record<string, FileCitation> = {};
  const blobs = settings.anchors.map((bytes, i) => {
    const file = (files[`anchor${i + 1}`] = blobOf(bytes));
    return { path: citedPath(file), bytes };
  });
  // Crash point: blobs that no record cites yet.
  await opened.folder.write(blobs);
  await opened.log.append(opened.actor, (turn) => {
    turn.add({ kind: 'seal.authority', name, url, policy, revocations, withdrawn: false, files });
  });
}

/** Asks this authority no more. Its tokens stand. Fault('usage') where the case has none of the name. */
export async function withdrawAuthority(opened: OpenCase, name: string): Promise<void> {
  const authority = (await authorities(opened)).find((one) => one.name === name);
  if (authority === undefined) throw noAuthority();
  const { url, policy, revocations } = authority;
  await opened.log.append(opened.actor, (turn) => {
    turn.add({ kind: 'seal.authority', name, url, policy, revocations, withdrawn: true });
  });
}

/** The authorities that the case trusts now, by name. Fault('case-damaged') where an anchor is not as it was sealed. */
export async function authorities({ index, folder }: OpenCase): Promise<Authority[]> {
  const { rows } = await index.pool.query<SealTables['authority']>(
    'select distinct on (name collate "C") * from authority order by name collate "C", position desc',
  );
  return Promise.all(
    rows
      .filter(({ withdrawn }) => !withdrawn)
      .map(async ({ id, name, url, policy, revocations, files }) => {
        const anchors = Object.values(files).map(async (file) => {
          const bytes = await folder.read(citedPath(file));
          if (bytes !== null && toHex(sha256(bytes)) === file.sha256) return new Uint8Array(bytes);
          throw new Fault('case-damaged', {
            what: 'A certificate that the case trusts for timestamps is missing or altered.',
            next: 'run `dalil verify`, and restore the folder from a copy',
          });
        });
        return { id, name, url, policy, revocations, anchors: await Promise.all(anchors) };
      }),
  );
}

export function noAuthority(): Fault {
  return new Fault('usage', {
    what: 'The case has no time authority of this name.',
    next: 'dalil timestamp authority list, or: dalil timestamp authority add NAME --url URL --anchor FILE.pem',
  });
}

/** A file among the blobs of the case. */
export function blobOf(bytes: Uint8Array): FileCitation {
  return { store: 'blobs', sha256: toHex(sha256(bytes)), size: bytes.length };
}

function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const sound = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  // Whatever is written into a record stays: a password has no place in one.
  if (sound) return url.href;
  throw new Fault('usage', {
    what: 'This is not the address of an authority.',
    expected: 'http:// or https://, without a user name and password',
  });
}
