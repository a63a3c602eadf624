// Where the Exif block of a HEIF file (HEIC, AVIF; ISO/IEC 23008-12) lies. Boxes whose lengths lie are what hangs
// readers of this format, so every step here goes forward and stays inside the bytes.

interface Box {
  kind: string;
  /** Where its content starts and ends. */
  start: number;
  end: number;
}

/** The TIFF block inside the file's Exif item; null where there is none, or none that can be followed. Never throws. */
export function exifOfHeif(bytes: Uint8Array): { offset: number; length: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const meta = boxes(view, 0, bytes.length).find(({ kind }) => kind === 'meta');
    if (meta === undefined) return null;
    // Four bytes of version and flags open a "full" box.
    const inside = boxes(view, meta.start + 4, meta.end);
    const info = inside.find(({ kind }) => kind === 'iinf');
    const location = inside.find(({ kind }) => kind === 'iloc');
    if (info === undefined || location === undefined) return null;
    const item = exifItem(view, info);
    const place = item === null ? null : placeOf(view, location, item);
    if (place === null || place.offset + place.length > bytes.length || place.length < 12) return null;
    // The item starts with how far its TIFF header is from here.
    const skip = 4 + view.getUint32(place.offset);
    return skip >= place.length ? null : { offset: place.offset + skip, length: place.length - skip };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function boxes(view: DataView, from: number, to: number): Box[] {
  const found: Box[] = [];
  let at = from;
  // A thousand boxes in one are no picture's.
  while (at + 8 <= to && found.length < 1000) {
    let length = view.getUint32(at);
    let header = 8;
    if (length === 1) {
      length = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12);
      header = 16;
    } else if (length === 0) {
      length = to - at;
    }
    if (length < header || at + length > to) break;
    found.push({ kind: fourLetters(view, at + 4), start: at + header, end: at + length });
    at += length;
  }
  return found;
}

function exifItem(view: DataView, info: Box): number | null {
  const counted = view.getUint8(info.start) === 0 ? 2 : 4;
  for (const { kind, start } of boxes(view, info.start + 4 + counted, info.end)) {
    const version = view.getUint8(start);
    if (kind !== 'infe' || version < 2) continue;
    const wide = version >= 3;
    if (fourLetters(view, start + (wide ? 10 : 8)) !== 'Exif') continue;
    return wide ? view.getUint32(start + 4) : view.getUint16(start + 4);
  }
  return null;
}

function placeOf(view: DataView, { start, end }: Box, wanted: number): { offset: number; length: number } | null {
  const version = view.getUint8(start);
  let at = start + 4;
  const number = (size: number): number => {
    if (at + size > end) throw new RangeError('outside of the box');
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + view.getUint8(at++);
    return value;
  };
  const sizes = number(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  const count = number(version < 2 ? 2 : 4);
  for (let i = 0; i < count; i++) {
    const item = number(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : number(2) & 15;
    number(2);
    const base = number(baseSize);
    const extents = number(2);
    for (let e = 0; e < extents; e++) {
      number(indexSize);
      const [offset, length] = [base + number(offsetSize), number(lengthSize)];
      // In pieces, or inside another item, no camera writes it.
      if (item === wanted) return method === 0 && extents === 1 ? { offset, length } : null;
    }
  }
  return null;
}

function fourLetters(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}
