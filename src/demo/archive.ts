// The demo's archives, the same bytes on every machine: times fixed, nothing compressed (a picture hardly can be, and what
// deflate makes of it differs with the processor and the version of zlib).
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';

/** A member: its name inside, where its bytes lie now, its size, its modification time in milliseconds. */
export interface Member {
  name: string;
  source: string;
  size: number;
  modified: number;
}

/** Writes a zip of these members, in this order. */
export async function writeZip(target: string, members: readonly Member[]): Promise<void> {
  const zip = new ZipFile();
  // An error inside is emitted on the ZipFile, and would leave its stream open for ever.
  const failed = new Promise<never>((_resolve, reject) => zip.once('error', reject));
  const written = pipeline(zip.outputStream, createWriteStream(target));
  for (const { name, source, modified } of members) {
    // A zip keeps the local time of the machine that writes it: so the same day, at its noon, wherever that is.
    const day = new Date(modified);
    const mtime = new Date(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), 12);
    zip.addFile(source, name, { mtime, mode: 0o100644, compress: false, forceDosTimestamp: true });
  }
  zip.end();
  await Promise.race([written, failed]);
}

/** Writes a gzipped tar of these members, in this order, owned by nobody in particular. */
export async function writeTarGz(target: string, members: readonly Member[]): Promise<void> {
  const tar = pack();
  const written = pipeline(tar, createGzip({ level: 0 }), createWriteStream(target));
  const fed = (async () => {
    for (const { name, source, size, modified } of members) {
      const header = { name, size, mtime: new Date(modified), mode: 0o644, uid: 0, gid: 0, uname: '', gname: '' };
      await pipeline(createReadStream(source), tar.entry(header));
    }
    tar.finalize();
  })();
  await Promise.all([fed, written]);
}
