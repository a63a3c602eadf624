// Receipts of custody on paper, set for real: PDF/A, the same bytes each time, whatever people are called and however much
// is handed over.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { custodyEvents, formatReceipt, sha256, toHex, type Receipt } from '@dalil/verify';
import { receiptPdf } from './receipt.ts';

const scratch = mkdtempSync(join(tmpdir(), 'dalil-receipt-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const receipt: Receipt = {
  case: '008ba6f2c8f0fffcfb351898b9234490',
  checkpoint: { size: 12, root: `${'A'.repeat(43)}=` },
  event: 'transfer',
  what: [],
  from: { name: 'أمل من بستان', key: 'SHA256:aaaa' },
  to: { name: 'Archive 漢字 #panic() *b*', key: 'SHA256:bbbb' },
  when: '2026-11-25T09:30+03:00',
  why: 'حفظ آمن، safe keeping',
};

test.each(custodyEvents)('a receipt of a %s is set as PDF/A-3a, with the same bytes each time', async (event) => {
  const pdf = await receiptPdf({ ...receipt, event });
  expect(Buffer.from(pdf).toString('latin1')).toMatch(/<pdfaid:part>3<\/pdfaid:part>[\s\S]*<pdfaid:conformance>A</);
  expect(Buffer.compare(Buffer.from(await receiptPdf({ ...receipt, event })), Buffer.from(pdf))).toBe(0);
});

test('it shows the text that is signed and its hash, over as many pages as it takes', async (context) => {
  if (spawnSync('pdftotext', ['-v']).error !== undefined) context.skip('pdftotext is not installed here');
  const what = Array.from({ length: 120 }, (_, i) => ({
    handle: `E-${String(i + 1).padStart(5, '0')}`,
    id: 'A'.repeat(43),
  }));
  const long = { ...receipt, what };
  writeFileSync(join(scratch, 'r.pdf'), await receiptPdf(long));
  const text = execFileSync('pdftotext', ['-raw', join(scratch, 'r.pdf'), '-'], { encoding: 'utf8' });
  expect(text).toContain(toHex(sha256(new TextEncoder().encode(formatReceipt(long)))));
  expect(text).toContain('what: E-00120');
  expect(text).toContain('and 100 more');
  // What no font of ours has is told by its code point, and nothing is read as markup.
  expect(text.replaceAll('\n', ' ')).toContain('Archive ‹U+6F22›‹U+5B57› #panic() *b*');
});
