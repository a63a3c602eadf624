// The path of a received file, kept as the bytes it came with. File systems and archives name files in bytes, often not
// UTF-8 (older Arabic code pages), and a name that cannot be written down exactly is a piece of provenance lost.

/** `text` is exact where `bytes` is null; else it has U+FFFD for what is not UTF-8, and `bytes` is the path in base64url. */
export interface ReceivedPath {
  text: string;
  bytes: string | null;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The path made of these bytes, `/` between its names. Never normalised. */
export function receivedPath(raw: Uint8Array): ReceivedPath {
  try {
    return { text: strict.decode(raw), bytes: null };
  } catch {
    const buffer = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    return { text: buffer.toString('utf8'), bytes: buffer.toString('base64url') };
  }
}

/** The bytes that `receivedPath` was given. */
export function pathBytes(path: ReceivedPath): Buffer {
  return path.bytes === null ? Buffer.from(path.text, 'utf8') : Buffer.from(path.bytes, 'base64url');
}
