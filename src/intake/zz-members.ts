import { openOriginals } from '../store/originals.ts';
import { inOrder } from '../store/in-order.ts';
import { copyWindow, createCopier } from './copy.ts';
import { readMembers } from './archive.ts';
const [, , src, out, kind] = process.argv;
const t0 = performance.now();
const originals = await openOriginals(out!);
const copier = createCopier({ originals, threads: 2 });
let n = 0,
  bytes = 0;
const reading = readMembers(src!, kind as 'zip');
for await (const o of inOrder(reading, copyWindow, async (m) =>
  'stream' in m.outcome ? copier.copyStream(m.outcome.stream) : { state: 'refused' as const, ...m.outcome.refused },
)) {
  if (o.state === 'had') {
    n++;
    bytes += o.size;
  } else console.log(o);
  if (n % 1000 === 0) await originals.settle();
}
await originals.settle();
await copier.close();
const s = (performance.now() - t0) / 1000;
const c = process.cpuUsage();
console.log(
  src,
  n,
  'members',
  s.toFixed(2),
  's',
  (n / s).toFixed(0),
  '/s',
  (bytes / s / 1e6).toFixed(0),
  'MB/s; cpu',
  ((c.user + c.system) / 1e6).toFixed(1),
  'rss',
  (process.memoryUsage().rss / 1e6) | 0,
  JSON.stringify(reading.summary),
);
