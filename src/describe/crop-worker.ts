// The module that a cropping thread runs: an original and the place of a number in it, the crop of that number out.
import { readFile } from 'node:fs/promises';
import { serveWorker } from '../store/workers.ts';
import { cutCrop, decodeUpright, type Quad } from './crop.ts';
import { defaultSettings } from './description.ts';

export interface CropOrder {
  original: string;
  quad: Quad;
}

serveWorker(async ({ original, quad }: CropOrder): Promise<Uint8Array> => {
  const colours = await decodeUpright(await readFile(original), defaultSettings.pixelLimit);
  return new Uint8Array(await cutCrop(colours, quad));
});
