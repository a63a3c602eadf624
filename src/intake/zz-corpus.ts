import { readFileSync } from 'node:fs';
import { walk } from './walk.ts';
import { archiveKind } from './archive.ts';
let n = 0;
const k: Record<string, number> = {};
for await (const f of walk(['/work/shared/corpus', '/work/shared/articles'])) {
  n++;
  const t = f.kind === 'file' ? archiveKind(readFileSync(f.absolute)) : f.kind;
  k[String(t)] = (k[String(t)] ?? 0) + 1;
  if (t !== null) console.log(f.path.text, t);
}
console.log(n, k);
