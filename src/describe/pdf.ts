// The text and properties of a PDF (ISO 32000), by pdf.js, which is given its bytes alone.
import { getDocumentProxy } from 'unpdf';
import type { Json } from '../case/json.ts';
import { GatheredText, saidOf, type Reading, type Said } from './document-text.ts';
import { withholdNames } from './metadata-names.ts';
import { plainJson } from './metadata.ts';

/** Throws what pdf.js throws: 'PasswordException' by its name for an encrypted one. */
export async function describePdf(bytes: Uint8Array, reading: Reading): Promise<Said> {
  // No eval, no fonts of the system, no character maps or fonts by address: there is none to give.
  const pdf = await getDocumentProxy(new Uint8Array(bytes), {
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    verbosity: 0,
  });
  try {
    const info = ((await pdf.getMetadata().catch(() => null))?.info ?? {}) as Record<string, unknown>;
    const text = new GatheredText(reading);
    for (let n = 1; n <= Math.min(pdf.numPages, reading.settings.pageLimit) && !text.full; n++) {
      const page = await pdf.getPage(n);
      const { items } = await page.getTextContent();
      if (n > 1) text.add('\n\f\n');
      text.add(items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join(''));
      page.cleanup();
    }
    if (pdf.numPages > reading.settings.pageLimit) reading.codes.add('document-cut');
    const plain = plainJson(info, { left: 8192, cut: false }) as Record<string, Json>;
    return { ...saidOf('pdf', pdf.numPages, text), properties: withholdNames(plain) };
  } finally {
    await pdf.destroy();
  }
}
