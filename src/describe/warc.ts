// A web archive (WARC, ISO 28500:2017), read as a stream: what was captured and when, and whether each payload and block
// has the digest that its record states. Nothing in it is followed, and memory is one header.
import { createHash, type Hash } from 'node:crypto';
import type { Capture } from './provenance-records.ts';

export interface DigestCount {
  holds: number;
  fails: number;
  /** A digest of a kind that is not known here, or of a body whose chunks were put together. */
  unchecked: number;
  /** Records that state none. */
  unstated: number;
}

export interface WarcReading {
  records: number;
  payloads: DigestCount;
  blocks: DigestCount;
  /** Of the first warcinfo that names one. */
  software: string | null;
  captures: { count: number; listed: Capture[] };
  /** Null where it was read to its end: cut (it breaks off), malformed, or over the limit. */
  ended: 'cut' | 'malformed' | 'limit' | null;
}

/** Bytes of the head of a record, and of the HTTP message in it. */
const headLimit = 64 << 10;

class Broken extends Error {
  readonly how: 'cut' | 'malformed' | 'limit';
  constructor(how: 'cut' | 'malformed' | 'limit') {
    super(how);
    this.how = how;
  }
}

/** Bytes on demand out of a stream. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #left: number;

  constructor(chunks: AsyncIterable<Uint8Array>, limit: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#left = limit;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#left -= next.value.length;
    if (this.#left < 0) throw new Broken('limit');
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return true;
  }

  /** Skips the line ends between records; false at the end. */
  async begins(): Promise<boolean> {
    for (;;) {
      let at = 0;
      while (this.#held[at] === 13 || this.#held[at] === 10) at++;
      this.#held = this.#held.subarray(at);
      if (this.#held.length > 0) return true;
      if (!(await this.#more())) return false;
    }
  }

  /** A head up to the empty line that ends it, without it. */
  async head(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf('\r\n\r\n');
      if (end >= 0 && end <= headLimit) {
        const head = this.#held.toString('utf8', 0, end);
        this.#held = this.#held.subarray(end + 4);
        return head;
      }
      if (this.#held.length > headLimit) throw new Broken('malformed');
      if (!(await this.#more())) throw new Broken('cut');
    }
  }

  async take(length: number, sink: (piece: Buffer) => void): Promise<void> {
    for (let left = length; left > 0;) {
      if (this.#held.length === 0 && !(await this.#more())) throw new Broken('cut');
      const piece = this.#held.subarray(0, left);
      sink(piece);
      left -= piece.length;
      this.#held = this.#held.subarray(piece.length);
    }
  }
}

/** Reads an archive out of its unpacked bytes, `limit` of them at most. Never throws for what they are. */
export async function readWarc(
  chunks: AsyncIterable<Uint8Array>,
  { limit, captureLimit }: { limit: number; captureLimit: number },
): Promise<WarcReading> {
  const none = (): DigestCount => ({ holds: 0, fails: 0, unchecked: 0, unstated: 0 });
  const captures = { count: 0, listed: [] as Capture[] };
  const reading: WarcReading = {
    records: 0,
    payloads: none(),
    blocks: none(),
    software: null,
    captures,
    ended: null,
  };
  const source = new Source(chunks, limit);
  try {
    while (await source.begins()) await readRecord(source, reading, captureLimit);
  } catch (error) {
    // zlib's errors have codes: a stream that is no gzip, or breaks off.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (error instanceof Broken) reading.ended = error.how;
    else if (code.startsWith('Z_')) reading.ended = code === 'Z_BUF_ERROR' ? 'cut' : 'malformed';
    else throw error;
  }
  return reading;
}

async function readRecord(source: Source, reading: WarcReading, captureLimit: number): Promise<void> {
  const head = await source.head();
  if (!/^WARC\/\d+\.\d+(?:\r\n|$)/.test(head)) throw new Broken('malformed');
  const fields = fieldsOf(head);
  const length = Number(fields.get('content-length'));
  if (!/^\d{1,16}$/.test(fields.get('content-length') ?? '') || !Number.isSafeInteger(length))
    throw new Broken('malformed');
  const type = fields.get('warc-type') ?? '';
  const block = digestOf(fields.get('warc-block-digest'));
  const payload = digestOf(fields.get('warc-payload-digest'));
  const http = /^application\/http\b/i.test(fields.get('content-type') ?? '');
  let inHead = http;
  const start: Buffer[] = [];
  let message = '';
  const info: Buffer[] = [];
  let kept = 0;
  await source.take(length, (piece) => {
    block?.hash.update(piece);
    if (type === 'warcinfo' && kept < headLimit) {
      info.push(piece);
      kept += piece.length;
    }
    if (!inHead) {
      payload?.hash.update(piece);
      return;
    }
    start.push(piece);
    kept += piece.length;
    const all = start.length === 1 ? piece : Buffer.concat(start);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0 && kept <= headLimit) return;
    inHead = false;
    message = all.toString('latin1', 0, end < 0 ? headLimit : end);
    payload?.hash.update(all.subarray(end < 0 ? all.length : end + 4));
    start.length = 0;
  });
  if (inHead) message = Buffer.concat(start).toString('latin1');
  reading.records++;
  count(reading.blocks, block, fields.has('warc-block-digest'));
  // The payload of a revisit lies in the record that it points to.
  if (type === 'response' || type === 'resource' || type === 'request') {
    const chunked = /^transfer-encoding:.*\bchunked\b/im.test(message);
    count(reading.payloads, payload, fields.has('warc-payload-digest'), chunked);
  }
  if (type === 'warcinfo')
    reading.software ??= /^software:\s*(.+?)\s*$/im.exec(Buffer.concat(info).toString())?.[1] ?? null;
  if (type !== 'response' && type !== 'resource' && type !== 'revisit') return;
  reading.captures.count++;
  if (reading.captures.listed.length >= captureLimit) return;
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})\b/.exec(message)?.[1];
  const said = (text: string | undefined, most: number): string | null =>
    text === undefined
      ? null
      : text
          .slice(0, most)
          .replaceAll('\0', '')
          .replace(/\p{Surrogate}/gu, '\ufffd');
  reading.captures.listed.push({
    url: said(fields.get('warc-target-uri')?.replace(/^<(.*)>$/, '$1'), 4000) ?? '',
    time: said(fields.get('warc-date'), 40),
    status: status === undefined ? null : Number(status),
    type: said(http ? /^content-type:\s*([^;\r\n]+)/im.exec(message)?.[1]?.trim() : fields.get('content-type'), 200),
  });
}

/** Names in small letters; of fields that repeat the first. */
function fieldsOf(head: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of head.split('\r\n').slice(1)) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value!.trim());
  }
  return fields;
}

interface Stated {
  hash: Hash;
  text: string;
}

const algorithms: Readonly<Record<string, string>> = {
  sha1: 'sha1',
  'sha-1': 'sha1',
  sha256: 'sha256',
  'sha-256': 'sha256',
  sha512: 'sha512',
  'sha-512': 'sha512',
  md5: 'md5',
};

/** `sha1:BASE32` or `sha256:hex`; null where none is stated, or of a kind that is not known. */
function digestOf(stated: string | undefined): Stated | null {
  const [, name, text] = /^([\w-]+):([A-Za-z0-9+/_=-]+)$/.exec(stated ?? '') ?? [];
  const algorithm = algorithms[name?.toLowerCase() ?? ''];
  return algorithm === undefined ? null : { hash: createHash(algorithm), text: text! };
}

function count(counts: DigestCount, digest: Stated | null, isStated: boolean, chunked = false): void {
  if (!isStated) counts.unstated++;
  else if (digest === null) counts.unchecked++;
  else {
    const bytes = digest.hash.digest();
    const same =
      digest.text.toLowerCase() === bytes.toString('hex') ||
      digest.text.toUpperCase().replace(/=+$/, '') === base32(bytes) ||
      digest.text.replace(/=+$/, '') === bytes.toString('base64').replace(/=+$/, '');
    if (same) counts.holds++;
    else if (chunked) counts.unchecked++;
    else counts.fails++;
  }
}

/** RFC 4648, without padding. */
export function base32(bytes: Uint8Array): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? out : out + 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[(value << (5 - bits)) & 31];
}
