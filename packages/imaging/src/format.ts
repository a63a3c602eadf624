// The format of a file by its content, never by its name: a leak is full of pictures named .doc and the other way round.
// After the signatures in each format's own specification.
import { beginsMailbox, compoundType, frameType, recordingType, zipDocumentType } from './container.ts';

export interface Format {
  /** A media type: 'image/jpeg', 'text/plain', 'application/octet-stream' where unknown, 'inode/x-empty' for no bytes. */
  type: string;
  /** False where it is a guess from plausibility, because the format has no signature (TGA, text in an old encoding). */
  sure: boolean;
  /** Of text: 'utf-8', 'utf-16le', 'utf-16be', 'windows-1256'. */
  charset: string | null;
}

/** How many of a file's first bytes `formatOf` looks at, at most. */
export const headLength = 65_536;

/**
 * The format of a file from its first bytes (up to 64 KiB), its size, and, for TGA, its last 26 bytes. Never throws.
 */
export function formatOf(head: Uint8Array, size: number, tail?: Uint8Array): Format {
  if (size === 0 || head.length === 0) return sure('inode/x-empty');
  const signed = bySignature(head) ?? recordingType(head) ?? compoundType(head);
  if (signed !== null) return sure(signed);
  if (tail !== undefined && text(tail.subarray(-18), 0, 16) === 'TRUEVISION-XFILE') return sure('image/x-tga');
  if (beginsMailbox(head)) return sure('application/mbox');
  const charset = charsetOf(head, head.length >= size);
  if (charset !== null && charset !== 'windows-1256') {
    return { type: textType(head), sure: true, charset };
  }
  const frames = frameType(head);
  if (frames !== null) return { type: frames, sure: false, charset: null };
  if (plausibleTga(head, size)) return { type: 'image/x-tga', sure: false, charset: null };
  if (charset !== null) return { type: 'text/plain', sure: false, charset };
  return { type: 'application/octet-stream', sure: false, charset: null };
}

const extensions: Record<string, readonly string[]> = {
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif', 'thm'],
  'image/png': ['png'],
  'image/gif': ['gif'],
  'image/tiff': ['tif', 'tiff', 'dng', 'nef', 'cr2', 'arw', 'pef', 'orf', 'rw2'],
  'image/bmp': ['bmp', 'dib'],
  'image/webp': ['webp'],
  'image/heic': ['heic', 'heif', 'hif'],
  'image/heif': ['heic', 'heif', 'hif'],
  'image/avif': ['avif'],
  'image/x-tga': ['tga'],
  'image/x-portable-anymap': ['ppm', 'pgm', 'pbm', 'pnm', 'pam'],
  'application/pdf': ['pdf'],
  'application/gzip': ['gz', 'tgz'],
  'application/x-tar': ['tar'],
  'video/mp4': ['mp4', 'm4v', 'm4a', '3gp', 'mov'],
  'video/quicktime': ['mov', 'mp4', 'qt'],
  'audio/mp4': ['m4a', 'm4b', 'mp4'],
  'video/x-msvideo': ['avi'],
  'video/webm': ['webm', 'mkv'],
  'video/x-matroska': ['mkv', 'mka', 'webm'],
  'video/x-ms-asf': ['wmv', 'wma', 'asf'],
  'video/x-flv': ['flv'],
  'video/mpeg': ['mpg', 'mpeg', 'vob'],
  'video/mp2t': ['mts', 'm2ts', 'mpg'],
  'video/ogg': ['ogv', 'ogg'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/mpeg': ['mp3'],
  'audio/aac': ['aac'],
  'audio/amr': ['amr'],
  'audio/flac': ['flac'],
  'audio/wav': ['wav'],
  'audio/aiff': ['aif', 'aiff'],
  'audio/x-caf': ['caf'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx', 'docm', 'dotx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx', 'xlsm', 'xltx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx', 'pptm', 'ppsx', 'potx'],
  'application/x-ooxml': ['docx', 'docm', 'dotx', 'xlsx', 'xlsm', 'xltx', 'pptx', 'pptm', 'ppsx', 'potx'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ods'],
  'application/vnd.oasis.opendocument.presentation': ['odp'],
  // An encrypted document of the newer kind is one of these too.
  'application/x-ole-storage': ['doc', 'xls', 'ppt', 'msg', 'docx', 'xlsx', 'pptx', 'dot', 'xlt', 'pps'],
  'application/mbox': ['mbox', 'mbx'],
};
const known = new Set(Object.values(extensions).flat());

/**
 * Whether a name's extension promises another format than the content has: only where the extension is one that this
 * module knows and the content's type was told surely. Many formats share extensions, so a free one never differs.
 */
export function extensionDiffers(name: string, format: Format): boolean {
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined || !known.has(extension) || format.type === 'inode/x-empty') return false;
  if (!format.sure && format.type !== 'application/octet-stream') return false;
  return !(extensions[format.type]?.includes(extension) ?? false);
}

function sure(type: string): Format {
  return { type, sure: true, charset: null };
}

function text(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

function starts(head: Uint8Array, ...bytes: number[]): boolean {
  return bytes.every((byte, i) => head[i] === byte);
}

function bySignature(head: Uint8Array): string | null {
  if (starts(head, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  const six = text(head, 0, 6);
  if (six === 'GIF87a' || six === 'GIF89a') return 'image/gif';
  if (starts(head, 0x49, 0x49, 0x2a, 0) || starts(head, 0x4d, 0x4d, 0, 0x2a)) return 'image/tiff';
  if (starts(head, 0x49, 0x49, 0x2b, 0) || starts(head, 0x4d, 0x4d, 0, 0x2b)) return 'image/tiff';
  if (six.startsWith('RIFF') && text(head, 8, 4) === 'WEBP') return 'image/webp';
  if (six.startsWith('RIFF') && text(head, 8, 4) === 'AVI ') return 'video/x-msvideo';
  if (six.startsWith('RIFF') && text(head, 8, 4) === 'WAVE') return 'audio/wav';
  if (text(head, 4, 4) === 'ftyp') return byBrand(head);
  if (/^P(?:[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+\d+\s|7\nWIDTH )/.test(text(head, 0, 256))) return 'image/x-portable-anymap';
  if (six.startsWith('%PDF-') || text(head, 0, 1024).includes('%PDF-1.')) return 'application/pdf';
  if (starts(head, 0x50, 0x4b, 3, 4)) return zipDocumentType(head) ?? 'application/zip';
  if (starts(head, 0x50, 0x4b, 5, 6)) return 'application/zip';
  if (starts(head, 0x1f, 0x8b, 8)) return 'application/gzip';
  if (text(head, 257, 5) === 'ustar') return 'application/x-tar';
  if (starts(head, 0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)) return 'application/x-7z-compressed';
  if (six === 'Rar!\x1a\x07') return 'application/vnd.rar';
  const bitmapHeader = head[14] ?? 0;
  if (six.startsWith('BM') && [12, 16, 40, 52, 56, 64, 108, 124].includes(bitmapHeader) && head[15] === 0) {
    return 'image/bmp';
  }
  return null;
}

// ISO base media: the major brand decides, then the compatible ones, because phones write 'mif1' for HEVC pictures.
function byBrand(head: Uint8Array): string {
  const length = Math.min(
    ((head[0] ?? 0) << 24) | ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0),
    256,
  );
  const brands = [text(head, 8, 4)];
  for (let at = 16; at + 4 <= length && at + 4 <= head.length; at += 4) brands.push(text(head, at, 4));
  const pictures = new Map([
    ['avif', 'image/avif'],
    ['avis', 'image/avif'],
    ['heic', 'image/heic'],
    ['heix', 'image/heic'],
    ['heim', 'image/heic'],
    ['heis', 'image/heic'],
    ['hevc', 'image/heic'],
    ['hevx', 'image/heic'],
  ]);
  const major = brands[0]!;
  if (pictures.has(major)) return pictures.get(major)!;
  if (major === 'mif1' || major === 'msf1') {
    return brands.map((brand) => pictures.get(brand)).find((type) => type !== undefined) ?? 'image/heif';
  }
  if (/^M4[AB] $/.test(major)) return 'audio/mp4';
  return major === 'qt  ' ? 'video/quicktime' : 'video/mp4';
}

function charsetOf(head: Uint8Array, whole: boolean): string | null {
  if (starts(head, 0xff, 0xfe)) return 'utf-16le';
  if (starts(head, 0xfe, 0xff)) return 'utf-16be';
  let high = 0;
  for (const byte of head) {
    const control = byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 0x1b;
    if (control || byte === 0x7f) return null;
    if (byte >= 0x80) high++;
  }
  try {
    // `stream` forgives a character that the end of the head cuts in two.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !whole });
    return 'utf-8';
  } catch {
    return high > 0 && looksArabic1256(head, high) ? 'windows-1256' : null;
  }
}

// In windows-1256 Arabic letters lie between C1 and ED; other bytes over 7F are rare in Arabic text.
function looksArabic1256(head: Uint8Array, high: number): boolean {
  let letters = 0;
  for (const byte of head) if (byte >= 0xc1 && byte <= 0xed) letters++;
  return letters / high > 0.9;
}

function textType(head: Uint8Array): string {
  return /^\s*<(!doctype html|html)[\s>]/i.test(text(head, 0, 256)) ? 'text/html' : 'text/plain';
}

// TGA of version 1 has no signature: take its eighteen bytes for a header only where every field can be true.
function plausibleTga(head: Uint8Array, size: number): boolean {
  if (head.length < 18) return false;
  const [mapped, kind] = [head[1]!, head[2]!];
  const [mapLength, mapDepth] = [head[5]! | (head[6]! << 8), head[7]!];
  const [width, height] = [head[12]! | (head[13]! << 8), head[14]! | (head[15]! << 8)];
  const depth = head[16]!;
  if (width === 0 || height === 0 || (head[17]! & 0xc0) !== 0) return false;
  if (mapped > 1 || ![1, 2, 3, 9, 10, 11].includes(kind) || ![8, 15, 16, 24, 32].includes(depth)) return false;
  if (mapped === 1 && (mapLength === 0 || ![15, 16, 24, 32].includes(mapDepth))) return false;
  if (mapped === 0 && (mapLength !== 0 || (kind & 7) === 1)) return false;
  return kind >= 9 || size >= 18 + (mapLength * mapDepth) / 8 + (width * height * depth) / 8;
}
