// A receipt of custody on paper, for both sides: what is signed, in English and Arabic, the very text with its hash, and
// room for ink. It says nothing that the text does not say, and is not what the signatures are over.
import { formatReceipt, receiptNamespace, sha256, toHex, type Receipt } from '@dalil/verify';
import { dossierFaces } from './fonts.ts';
import { runsOf, type Run } from './typeset.ts';
import { compilePages } from './typst.ts';

/** What its event means, so that nobody signs for a word. */
const events: Readonly<Record<Receipt['event'], readonly [english: string, arabic: string]>> = {
  transfer: ['transfer: custody of what is named below goes over', 'تسليم: تنتقل عهدة المذكور أدناه'],
  replication: [
    'replication: a copy, to be kept in trust; custody stays where it is',
    'نسخ: نسخة تُحفظ أمانةً، وتبقى العهدة حيث هي',
  ],
  dissemination: [
    'dissemination: a copy is given away; custody stays where it is',
    'توزيع: تُعطى نسخة، وتبقى العهدة حيث هي',
  ],
};

/** PDF/A-3a; the same bytes for the same receipt. Throws a Fault where it cannot be set. */
export async function receiptPdf(receipt: Receipt): Promise<Uint8Array> {
  const faces = dossierFaces();
  const runs = (text: string): Run[] => runsOf(text, faces);
  const { case: id, checkpoint, event, what, from, to, when, why } = receipt;
  const text = formatReceipt(receipt);
  const row = (english: string, arabic: string, values: readonly string[], mono = false): object => ({
    english,
    arabic: runs(arabic),
    values: values.map(runs),
    mono,
  });
  const at = new Date(when);
  const content = {
    // In UTC: a PDF/A has a date.
    date: at.toISOString().slice(0, 19).split(/[-T:]/).map(Number),
    rows: [
      row('What happens', 'الحدث', events[event]),
      row('Handed over by', 'المسلِّم', [from.name]),
      row('their key', 'مفتاحه', [from.key], true),
      row('Received by', 'المستلِم', [to.name]),
      row('their key', 'مفتاحه', [to.key], true),
      row('When', 'متى', [when]),
      row('Why', 'السبب', [why]),
      row('What', 'الشيء', what.length === 0 ? ['the whole case', 'القضية كلها'] : [handlesOf(what)]),
      row('Case', 'القضية', [id], true),
      row('Its state', 'حالتها', [`${checkpoint.size} records, root ${checkpoint.root}`], true),
    ],
    text: text.trimEnd().split('\n').map(runs),
    hash: toHex(sha256(new TextEncoder().encode(text))),
    command: `ssh-keygen -Y sign -n ${receiptNamespace} -f KEY receipt.txt`,
    sides: [
      { english: 'Handed over by', arabic: runs('المسلِّم'), name: runs(from.name) },
      { english: 'Received by', arabic: runs('المستلِم'), name: runs(to.name) },
    ],
  };
  const { pdf } = await compilePages({
    template: new URL('./templates/receipt.typ', import.meta.url),
    json: JSON.stringify(content),
    createdAt: Math.floor(+at / 1000),
  });
  return pdf;
}

/** Twenty handles and how many more: all of them stand in the text. */
function handlesOf(what: Receipt['what']): string {
  const shown = what.slice(0, 20).map(({ handle }) => handle);
  return what.length > shown.length ? `${shown.join(', ')} and ${what.length - shown.length} more` : shown.join(', ');
}
