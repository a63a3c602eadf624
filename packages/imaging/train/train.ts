// Trains the reader of lines and writes its weights:
// node --import tsx packages/imaging/train/train.ts [--lines N] [--cuts N] [--seed N] [--rate R] [--until N] [--from FILE] [--out FILE]
// One process, fixed seeds, no clock: the same versions of fonts, sharp, Node and this give the same bytes.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { packWeights, unpackWeights } from '../src/cards/network.ts';
import { faces, heldFaces } from './families.ts';
import { learn } from './learn.ts';
import { drawnLines, measured } from './measure.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '24000' },
    cuts: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '0.002' },
    stretch: { type: 'string', default: '1' },
    until: { type: 'string' },
    from: { type: 'string' },
    out: { type: 'string' },
  },
});
const out = values.out ?? new URL('../src/cards/digits.bin', import.meta.url);

const weights = await learn({
  seed: Number(values.seed),
  lines: Number(values.lines),
  cuts: Number(values.cuts),
  rate: Number(values.rate),
  stretch: Number(values.stretch),
  ...(values.until === undefined ? {} : { until: Number(values.until) }),
  ...(values.from === undefined ? {} : { from: unpackWeights(readFileSync(values.from)) }),
  faces,
  onLot(drawn, loss, now) {
    console.error(`${drawn} lines, loss ${loss.toFixed(3)}, ${Math.round(process.cpuUsage().user / 1e6)} s`);
    // What there is, should the rest not come.
    writeFileSync(out, packWeights(now));
  },
});
const bytes = packWeights(weights);
writeFileSync(out, bytes);
const packed = unpackWeights(bytes);
console.error(`same fonts and pens, other lines: ${measured(await drawnLines(1002, 300, faces, true), packed)}`);
console.error(`fonts never seen: ${measured(await drawnLines(1003, 300, heldFaces, false), packed)}`);
