// The page for a safe on which a checkpoint is written down. What it later shows: packages/verify/src/since.ts.
import { renderSVG } from 'uqr';
import { formatKept, toBase64, type Checkpoint } from '@dalil/verify';

/** What stands on the page beside the checkpoint. */
export interface PageParts {
  checkpoint: Pick<Checkpoint, 'origin' | 'size' | 'root'>;
  /** When it was printed, RFC 3339, UTC: by the clock of that machine, and no more than that. */
  printedAt: string;
}

/** A page for a safe: one self-contained HTML file, A4 or Letter, with nothing of the case on it but the checkpoint. */
export function checkpointPage({ checkpoint, printedAt }: PageParts): string {
  const { origin, size, root } = checkpoint;
  const short = formatKept(checkpoint);
  const groups = toBase64(root).match(/.{1,4}/g)!;
  const day = printedAt.slice(0, 16).replace('T', ' ');
  // The case's title is left out on purpose: whoever finds the page learns that there is a log, and its length.
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Checkpoint ${size}</title>
<style>
  @page { margin: 20mm }
  body { font: 11pt/1.45 Georgia, 'Times New Roman', serif; max-width: 170mm; margin: 0 auto; color: #000; background: #fff }
  h1 { font-size: 20pt; font-weight: normal; margin: 0 }
  svg { width: 62mm; height: 62mm; display: block; margin: 8mm 0 }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 6mm; margin: 0 }
  dt { font-style: italic }
  dd { margin: 0 }
  code { font: 10.5pt/1.6 'Liberation Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere }
  .sign { margin-top: 12mm; border-top: 0.3mm solid; padding-top: 1mm; width: 80mm }
  [dir='rtl'] { font-size: 12pt; margin-top: 8mm }
</style>
<h1>Checkpoint over ${size} records</h1>
<p>Keep this page where the keeper of the case cannot reach it. It shows later whether any of these records was changed, removed or slipped in: it says nothing of what they hold.</p>
${renderSVG(short, { ecc: 'Q', border: 4 })}
<dl>
  <dt>Log</dt><dd><code>${origin}</code></dd>
  <dt>Records</dt><dd><code>${size}</code></dd>
  <dt>Root</dt><dd><code>${groups.join(' ')}</code></dd>
  <dt>Printed</dt><dd>${day} UTC, by the clock of that machine</dd>
</dl>
<p>The same in one line, as in the code above; it may be typed with or without spaces:</p>
<p><code>${short}</code></p>
<p>To check it: <code>dalil verify &lt;case&gt; --since &lt;this line, or a file with it&gt;</code></p>
<p class="sign">Signature of whoever received this page, and the day</p>
<p lang="ar" dir="rtl">تُحفظ هذه الورقة بعيدًا عن متناول حافظ القضية. وبها يُعرف لاحقًا هل غُيِّر شيء من السجلات الأولى وعددها <bdi>${size}</bdi>، أو حُذف منها أو أُضيف إليها، وهي لا تكشف شيئًا من مضمونها.</p>
</html>
`;
}
