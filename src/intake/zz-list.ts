import { readFileSync } from 'node:fs';
import { archiveKind, readMembers } from './archive.ts';
for (const f of process.argv.slice(2)) {
  const kind = archiveKind(readFileSync(f));
  console.log('==', f, kind);
  if (kind === null) continue;
  const r = readMembers(f, kind);
  for await (const m of r) {
    let n = 0,
      e = '';
    if ('refused' in m.outcome) e = m.outcome.refused.reason;
    else
      try {
        for await (const c of m.outcome.stream) n += c.length;
      } catch (x) {
        e = String(x);
      }
    console.log('  ', m.position, m.path.text, m.size, n, m.modified, e);
  }
  console.log('  ', JSON.stringify(r.summary));
}
