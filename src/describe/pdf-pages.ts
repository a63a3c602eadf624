// The first pages of a PDF as thumbnails in the home, by PDFium compiled to WebAssembly: it has the bytes and no way to any
// file or network. Scripts and actions of a document are not in this build. Runs in a worker thread, a fresh engine for each.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import type { DocumentRecord } from './document-set.ts';
import { writeThumbnail } from './thumbnail.ts';

export interface PagesInput {
  path: string;
  /** For page 1 `<stem>.page-1.jpg`, in a folder that exists. */
  thumbnailStem: string;
  /** How many pages, from the first on, and the longer side of a thumbnail. */
  pages: number;
  side: number;
}
export type PagesSaid = NonNullable<DocumentRecord['document']['thumbnails']>;

const wasmPath = createRequire(import.meta.url).resolve('@hyzyla/pdfium/pdfium.wasm');
let wasm: Promise<Buffer> | null = null;
const thumbnailQuality = 75;

/**
 * Draws pages; those that cannot be drawn are missing from the answer. Throws where the document as a whole cannot be, and
 * what `writeThumbnail` throws.
 */
export async function drawPages({ path, thumbnailStem, pages, side }: PagesInput): Promise<PagesSaid> {
  const bytes = await readFile(path);
  wasm ??= readFile(wasmPath);
  const { buffer, byteOffset, byteLength } = await wasm;
  const wasmBinary = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  const library = await PDFiumLibrary.init({ wasmBinary });
  const document = await library.loadDocument(bytes);
  const drawn: PagesSaid = [];
  const many = Math.min(pages, document.getPageCount());
  for (let n = 1; n <= many; n++) {
    const pixels = await drawPage(() => document.getPage(n - 1), side).catch(() => null);
    if (pixels === null) continue;
    const file = `${thumbnailStem}.page-${n}.jpg`;
    drawn.push({ page: n, ...(await writeThumbnail(pixels, 1, file, { thumbnailSide: side, thumbnailQuality })) });
  }
  // The engine goes with its memory: what a document has done to it ends here.
  return drawn;
}

/** A page at twice the size of its thumbnail, so that writing stays legible; null where it has no size. */
async function drawPage(
  open: () => ReturnType<Awaited<ReturnType<PDFiumLibrary['loadDocument']>>['getPage']>,
  side: number,
) {
  const page = open();
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const scale = (2 * side) / Math.max(originalWidth, originalHeight);
  if (!(originalWidth >= 1) || !(originalHeight >= 1) || !Number.isFinite(scale)) return null;
  const { data, width, height } = await page.render({ scale, render: 'bitmap' });
  if (width < 1 || height < 1 || data.length < width * height * 4) return null;
  // It is asked for red first, by its wrapper, and each pixel has four bytes.
  const rgb = Buffer.alloc(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return { data: rgb, width, height };
}
