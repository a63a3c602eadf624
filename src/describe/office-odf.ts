// Text of ODF 1.3: letters, tables, slides. Repetitions of cells and rows are not carried out: a sheet may state a million.
import type { DocumentForm } from './document-set.ts';
import type { GatheredText } from './document-text.ts';
import { readXml } from './xml.ts';

/** Elements whose text is not the document's: what was deleted, and by whom; programs; bytes. */
const apart = new Set(['tracked-changes', 'scripts', 'binary-data']);
const paragraphs = new Set(['p', 'h']);
const breaks: Readonly<Record<string, string>> = { tab: '\t', 'line-break': '\n' };
/** Blanks that one element may stand for. */
const mostBlanks = 200;

/** Adds the text of `content.xml`; gives how many sheets or slides it has, null of a letter. Throws XmlRefused. */
export function odfText(content: Uint8Array, form: DocumentForm, into: GatheredText): number | null {
  const page = form === 'ods' ? 'table' : form === 'odp' ? 'page' : null;
  let [pages, silent, depth, inCell, first] = [0, 0, 0, false, true];
  // A comment stands within a paragraph, and has paragraphs of its own beside the name of who wrote it.
  const around: number[] = [];
  readXml(content, {
    open(name, attributes) {
      if (apart.has(name)) silent++;
      if (silent > 0) return;
      if (name === 'annotation') [, depth] = [around.push(depth), 0];
      if (name === page) {
        pages++;
        into.page();
        if (form === 'ods') into.add(`${attributes['name'] ?? ''}\n`);
      }
      if (paragraphs.has(name)) depth++;
      if (form === 'ods') {
        if (name === 'table-row') first = true;
        if (name === 'table-cell') inCell = true;
        if (inCell && name === 'p') {
          into.add(first ? '' : '\t');
          first = false;
        }
      }
      if (name === 's') into.add(' '.repeat(Math.min(mostBlanks, Math.max(1, Number(attributes['c']) || 1))));
      else into.add(breaks[name] ?? '');
    },
    text(piece) {
      if (silent === 0 && depth > 0) into.add(piece);
    },
    close(name) {
      if (apart.has(name)) silent--;
      if (silent > 0) return;
      if (paragraphs.has(name)) {
        depth--;
        if (!inCell) into.add('\n');
      }
      if (name === 'annotation') depth = around.pop() ?? 0;
      if (name === 'table-cell') inCell = false;
      if (name === 'table-row' && form === 'ods' && !first) into.add('\n');
    },
    enough: () => into.full,
  });
  return page === null ? null : pages;
}
