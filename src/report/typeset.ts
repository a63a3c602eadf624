// From the content of a dossier to what its template prints: strings made safe to look at, cut into runs of one writing
// direction, citations shortened. A file name may hold characters that reorder or hide others on the page (bidi
// overrides, zero-width and control characters): they are printed as code points.
import type { Block, Cell, Citation, DossierContent, Passage, RecordCitation, Span, Table, Volume } from './content.ts';
import { citedRecords, instantInWords, shown } from './content.ts';
import type { Faces } from './fonts.ts';
import { canShow } from './fonts.ts';

/** A run from left to right, a run from right to left, or a place where a line may break. */
export type Run = string | { r: string } | 0;

const arabic = /\p{Script=Arabic}/u;
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const joiner = /[\u200c\u200d]/;

/** A string as it can be printed: what is invisible, reorders text or is in no font becomes ‹U+202E›. */
export function visible(text: string, faces: Faces): string {
  const points = [...text];
  let cluster = 0;
  return points
    .map((point, index) => {
      const code = point.codePointAt(0) as number;
      const betweenArabic =
        joiner.test(point) && arabic.test(points[index - 1] ?? '') && arabic.test(points[index + 1] ?? '');
      if (betweenArabic && canShow(faces(code))) return point;
      const isMark = /\p{M}/u.test(point);
      // A mark is drawn by the font of its base: both must be in one font.
      const mask = isMark ? cluster & faces(code) : faces(code);
      if (invisible.test(point) || !canShow(mask)) {
        if (!isMark) cluster = 0;
        return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
      }
      cluster = mask;
      return point;
    })
    .join('');
}

/** Lets a long word break after a separator or every twenty-four characters. */
function breakable(text: string): Run[] {
  if (!/\S{17}/.test(text)) return text === '' ? [] : [text];
  const parts = text.match(/(?:[^\s_.-]\p{M}*){1,24}[_.-]?|[\s_.-]\p{M}*/gu) ?? [text];
  return parts.flatMap((part, index): Run[] => (index === 0 ? [part] : [0, part]));
}

// A break inside an Arabic word must not part its joined letters: a zero-width space does not.
const rightToLeft = (text: string): Run => ({ r: text.replace(/(?:[^\s_.-]\p{M}*){30}/gu, '$&\u200b') });

/** A quoted string, visible, in runs of one direction: as a whole where its first letter is Arabic, else by its parts. */
export function runsOf(text: string, faces: Faces): Run[] {
  const safe = visible(text, faces);
  if (!arabic.test(safe)) return breakable(safe);
  if (/^[^\p{L}]*\p{Script=Arabic}/u.test(safe)) return [rightToLeft(safe)];
  return safe
    .split(/(\p{Script=Arabic}(?:[^\p{L}]*\p{Script=Arabic}|\p{M})*)/u)
    .flatMap((part, index): Run[] => (index % 2 === 1 ? [rightToLeft(part)] : breakable(part)));
}

/** A path, folder by folder, so that it reads from left to right whatever script its names are in. */
export function pathRuns(text: string, faces: Faces): Run[] {
  const runs: Run[] = [];
  for (const [index, name] of text.split('/').entries()) {
    if (index > 0) runs.push('/', 0);
    // Within an Arabic name its ending would stand on the left, next to the folder.
    const ending = arabic.test(name) ? (/(?<=.)(?:\.[A-Za-z0-9]{1,5}){1,2}$/.exec(name)?.[0] ?? '') : '';
    runs.push(...runsOf(name.slice(0, name.length - ending.length), faces));
    if (ending !== '') runs.push(ending);
  }
  return runs;
}

const hasArabic = (text: readonly Span[]): boolean =>
  text.some(
    (span) => typeof span !== 'string' && arabic.test('given' in span ? span.given : 'path' in span ? span.path : ''),
  );

/** Positions as printed: "12–15, 20", at most six stretches and how many more. */
export function positions(records: readonly number[]): string {
  const stretches: [number, number][] = [];
  for (const position of [...new Set(records)].toSorted((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && position === last[1] + 1) last[1] = position;
    else stretches.push([position, position]);
  }
  const kept = stretches.slice(0, 6).map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  const more = stretches.slice(6).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return kept.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A span as one string, where it needs neither a direction, nor a link, nor a place to break. */
function plainText(span: Span, faces: Faces, dense: boolean): string | null {
  if (typeof span === 'string') return span;
  if ('term' in span) return visible(span.term, faces);
  if (!('path' in span || 'given' in span)) return null;
  const runs = 'path' in span ? pathRuns(span.path, faces) : runsOf(span.given, faces);
  const text = runs.filter((run) => run !== 0);
  const joined = text.join('');
  const fits = !runs.includes(0) || (dense && joined.length < 56);
  return fits && text.every((run) => typeof run === 'string') ? joined : null;
}

/** What the template reads, for one volume. JSON; every string in it is shown as it stands. */
export function typeset(content: DossierContent, volumeNumber: number, faces: Faces): object {
  const volume = content.volumes.find((each) => each.number === volumeNumber) as Volume;
  const main = volumeNumber === 1;
  const { meta } = content;
  const runs = (text: string): Run[] => runsOf(text, faces);
  const span = (each: Span): object | string => {
    if (typeof each === 'string') return each;
    if ('figure' in each) return { f: each.text, id: main ? `figure ${each.figure}` : null };
    if ('given' in each) return { q: runs(each.given) };
    if ('path' in each) return { p: pathRuns(each.path, faces) };
    if ('term' in each) return { t: visible(each.term, faces) };
    return { m: visible(each.command, faces) };
  };
  const cites = (all: readonly Citation[]): object[] =>
    all.map((cite) => {
      const [mark, text] =
        'record' in cite
          ? [`record ${cite.record}`, `r ${cite.record}`]
          : 'set' in cite
            ? [`set ${cite.set}`, `s ${cite.set}`]
            : ['checkpoint', 'c'];
      return { l: main ? mark : null, t: text };
    });
  // A cell of plain text goes in as one string: of many thousands of cells, each nested element costs memory.
  const cell = (each: Cell, dense: boolean): unknown => {
    if (!Array.isArray(each)) return each;
    const plain = each.map((part) => plainText(part, faces, dense));
    return plain.includes(null) ? each.map(span) : plain.join('');
  };
  const table = (each: Table): object => ({
    ...each,
    caption: each.caption.map(span),
    denominator: each.denominator === null ? null : shown(each.denominator),
    interval: 'none' in each.interval ? each.interval.none : null,
    cites: cites(each.cites),
    cited: each.rows.some((row) => row.cites.length > 0),
    rows: each.rows.map((row) => ({
      cells: row.cells.map((value, index) =>
        typeof value === 'number' && each.columns[index]?.kind === 'number'
          ? shown(value)
          : cell(value, each.dense === true),
      ),
      rtl: row.cells.some((value) => Array.isArray(value) && hasArabic(value)),
      total: row.total === true,
      cites: each.dense
        ? `r ${positions(row.cites.flatMap((cite) => ('record' in cite ? [cite.record] : [])))}`
        : cites(row.cites),
    })),
  });
  const passage = (each: Passage): object => ({
    kind: 'passage',
    tone: each.tone ?? null,
    rtl: hasArabic(each.text),
    text: each.text.map(span),
    cites: cites(each.cites),
  });
  const block = (each: Block): object => {
    if (each.kind === 'passage') return passage(each);
    if (each.kind === 'table') return table(each);
    if (each.kind === 'box')
      return {
        kind: 'box',
        parts: each.parts.map((part) => ({ title: part.title, passages: part.passages.map(passage) })),
      };
    if (each.kind === 'chart') {
      const interval = 'none' in each.interval ? each.interval.none : null;
      const most = Math.max(1, ...each.bars.map((bar) => bar.value));
      const bars = each.bars.map((bar) => ({ label: bar.label, text: shown(bar.value), share: bar.value / most }));
      return {
        ...each,
        bars,
        interval,
        denominator: each.denominator === null ? null : shown(each.denominator),
        caption: each.caption.map(span),
        cites: cites(each.cites),
      };
    }
    return each;
  };
  const at = meta.checkpoint.signedAt === null ? null : new Date(meta.checkpoint.signedAt);
  const plain = visible(meta.title, faces);
  const letters = [...plain];
  return {
    meta: {
      title: runs(meta.title),
      short: runsOf(letters.length > 64 ? `${letters.slice(0, 62).join('')} …` : plain, faces),
      plain,
      caseId: visible(meta.caseId, faces),
      edition: String(meta.edition),
      size: shown(meta.checkpoint.size),
      root: visible(meta.checkpoint.root, faces),
      sealed: at === null ? null : instantInWords(at.toISOString()),
      date:
        at === null
          ? null
          : [
              at.getUTCFullYear(),
              at.getUTCMonth() + 1,
              at.getUTCDate(),
              at.getUTCHours(),
              at.getUTCMinutes(),
              at.getUTCSeconds(),
            ],
      template: String(content.templateVersion),
    },
    volume: { number: volume.number, of: content.volumes.length, title: volume.title },
    front: main ? content.front.map(passage) : [],
    sections: volume.sections.map((section) => ({
      mark: section.mark,
      title: section.title,
      wide: section.wide === true,
      blocks: section.blocks.map(block),
    })),
    figures: main
      ? content.figures.map((each) => ({
          id: each.id,
          value: shown(each.value),
          of: each.denominator === null ? null : shown(each.denominator),
          rule: visible(each.rule, faces),
          interval:
            'none' in each.interval
              ? visible(each.interval.none, faces)
              : `${shown(each.interval.low)} to ${shown(each.interval.high)} (${100 * each.interval.level} %, ${each.interval.method})`,
          cites: cites(each.cites),
        }))
      : [],
    sets: main
      ? content.sets.map((each) => ({
          set: each.set,
          from: runs(each.computedFrom),
          count: shown(each.count),
          cites: cites(each.cites),
        }))
      : [],
    records: main
      ? citedRecords(content).map(({ record, id }: RecordCitation) => ({ record, id: visible(id, faces) }))
      : [],
  };
}
