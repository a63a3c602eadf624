// Recordings, office documents and mail by their first bytes. After ISO/IEC 14496-12, QTFF, RFC 8794 (EBML), RFC 3533 (Ogg),
// ISO/IEC 11172-3 (MPEG audio) and 13818-1 (MPEG systems), ASF, FLV, AMR (RFC 4867); ECMA-376, ODF 1.3, MS-CFB, RFC 4155.

/** Office documents of ECMA-376 by the folder of their main part. */
const officeFolders = [
  ['word/', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xl/', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ppt/', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
] as const;

/** A package of ECMA-376 whose main part does not show in the first bytes. */
export const unnamedOffice = 'application/x-ooxml';

const asfHeader = [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0x00, 0xaa, 0x00, 0x62, 0xce, 0x6c];
const compound = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/** The media type of a recording other than RIFF and ISO base media with a brand, or null. */
export function recordingType(head: Uint8Array): string | null {
  if (starts(head, 0x1a, 0x45, 0xdf, 0xa3)) {
    return latin(head, 4, 60).includes('webm') ? 'video/webm' : 'video/x-matroska';
  }
  const four = latin(head, 0, 4);
  // The first page of an Ogg stream names its codec behind 27 bytes and one length.
  if (four === 'OggS') return /theora|OVP80|BBCD/.test(latin(head, 28, 8)) ? 'video/ogg' : 'audio/ogg';
  if (four === 'fLaC') return 'audio/flac';
  if (starts(head, ...asfHeader)) return 'video/x-ms-asf';
  if (starts(head, 0x46, 0x4c, 0x56, 1)) return 'video/x-flv';
  if (latin(head, 0, 5) === '#!AMR') return 'audio/amr';
  if (four === 'FORM' && /^AIF[FC]$/.test(latin(head, 8, 4))) return 'audio/aiff';
  if (four === 'caff' && head[5] === 1) return 'audio/x-caf';
  if (starts(head, 0, 0, 1, 0xba) || starts(head, 0, 0, 1, 0xb3)) return 'video/mpeg';
  if (isTransportStream(head, 0) || isTransportStream(head, 4)) return 'video/mp2t';
  if (four.startsWith('ID3') && head[3]! < 5) return 'audio/mpeg';
  // QuickTime before brands: an atom of its own at the start, whose length can be one.
  if (/^(?:moov|mdat|wide|pnot)$/.test(latin(head, 4, 4)) && (head[0] === 0 || uint32(head, 0) === 1)) {
    return 'video/quicktime';
  }
  return null;
}

/** The media type of sound without a signature, which only its frames following one another give away, or null. */
export function frameType(head: Uint8Array): string | null {
  if (follows(head, adtsLength)) return 'audio/aac';
  return follows(head, mpegAudioLength) ? 'audio/mpeg' : null;
}

/** The media type of a document that is a zip, given that the bytes begin as a zip; null for any other zip. */
export function zipDocumentType(head: Uint8Array): string | null {
  const names: string[] = [];
  for (let at = 0; at >= 0 && at + 30 <= head.length; at = nextLocalHeader(head, at + 4)) {
    const length = head[at + 26]! | (head[at + 27]! << 8);
    const name = latin(head, at + 30, Math.min(length, 200));
    // ODF and EPUB state their type in a first member that is stored as it is.
    if (names.length === 0 && name === 'mimetype' && head[at + 8] === 0) {
      const start = at + 38 + (head[at + 28]! | (head[at + 29]! << 8));
      return /^application\/[a-z0-9.+-]{3,80}/.exec(latin(head, start, 90))?.[0] ?? null;
    }
    names.push(name);
  }
  if (!names.some((name) => name === '[Content_Types].xml' || name === '_rels/.rels')) return null;
  return officeFolders.find(([folder]) => names.some((name) => name.startsWith(folder)))?.[1] ?? unnamedOffice;
}

/** 'application/x-ole-storage' for what Office wrote before 2007, Outlook messages, and encrypted documents; or null. */
export function compoundType(head: Uint8Array): string | null {
  return starts(head, ...compound) ? 'application/x-ole-storage' : null;
}

/** Whether the bytes begin as a mailbox of RFC 4155: a line `From … HH:MM … YEAR`, then the head of a message. */
export function beginsMailbox(head: Uint8Array): boolean {
  return /^From \S[^\r\n]{0,300}\d\d:\d\d[^\r\n]{0,40}\b(?:19|20)\d\d[^\r\n]{0,40}\r?\n[!-9;-~]{2,80}:/.test(
    latin(head, 0, 700),
  );
}

/** A transport stream has its mark every 188 bytes, or every 192 behind a time of four. */
function isTransportStream(head: Uint8Array, from: number): boolean {
  const step = from === 0 ? 188 : 192;
  if (head.length < from + step * 3 + 1) return false;
  return [0, 1, 2, 3].every((n) => head[from + step * n] === 0x47);
}

/** Frames whose lengths lead from one to the next: three of them are no accident. */
function follows(head: Uint8Array, lengthAt: (head: Uint8Array, at: number) => number | null): boolean {
  let at = 0;
  for (let n = 0; n < 3; n++) {
    const length = at + 6 <= head.length ? lengthAt(head, at) : null;
    if (length === null) return false;
    at += length;
  }
  return true;
}

function adtsLength(head: Uint8Array, at: number): number | null {
  if (head[at] !== 0xff || (head[at + 1]! & 0xf6) !== 0xf0 || ((head[at + 2]! >> 2) & 15) > 12) return null;
  const length = ((head[at + 3]! & 3) << 11) | (head[at + 4]! << 3) | (head[at + 5]! >> 5);
  return length >= 7 ? length : null;
}

/** Kilobits a second of layer III, by index: MPEG-1, then MPEG-2 and 2.5. */
const bitRates = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const sampleRates = [44_100, 48_000, 32_000] as const;

function mpegAudioLength(head: Uint8Array, at: number): number | null {
  const [second, third] = [head[at + 1]!, head[at + 2]!];
  const version = (second >> 3) & 3;
  // Layer III alone: the others are rare as files, and the fewer bits are asked for the more pass by accident.
  if (head[at] !== 0xff || (second & 0xe6) !== 0xe2 || version === 1) return null;
  const rate = bitRates[version === 3 ? 0 : 1][third >> 4];
  const samples = sampleRates[(third >> 2) & 3];
  if (rate === undefined || rate === 0 || samples === undefined) return null;
  const perSecond = samples / (version === 3 ? 1 : version === 2 ? 2 : 4);
  return Math.floor(((version === 3 ? 144_000 : 72_000) * rate) / perSecond) + ((third >> 1) & 1);
}

function nextLocalHeader(head: Uint8Array, from: number): number {
  for (let at = head.indexOf(0x50, from); at >= 0; at = head.indexOf(0x50, at + 1)) {
    if (head[at + 1] === 0x4b && head[at + 2] === 3 && head[at + 3] === 4) return at;
  }
  return -1;
}

function starts(head: Uint8Array, ...bytes: number[]): boolean {
  return bytes.every((byte, i) => head[i] === byte);
}

function latin(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

function uint32(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((sum, i) => sum * 256 + (bytes[at + i] ?? 0), 0);
}
