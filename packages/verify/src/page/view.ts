// What the page says when a check has ended: the verdict in plain words, since when, what is in it and what is not, what
// is wrong, and what all this does not show.
import type { Report } from '../files.ts';
import type { Since } from '../since.ts';
import { printable } from '../verdict.ts';
import { el, fill, literal } from './dom.ts';
import type { Language } from './words.ts';

const problemsShown = 200;
const notesShown = 50;

/** What a check gave, and under which conditions it was made. */
export interface Checked {
  report: Report & { since?: Since };
  /** The checker trusts certificates of their own about time. */
  ownAnchors: boolean;
  /** Whether timestamps could be read here at all. */
  timestamps: boolean;
}

/** The sections of the result, the verdict first. */
export function resultOf({ report, ownAnchors, timestamps }: Checked, lang: Language): HTMLElement[] {
  const holds = report.ok && report.since?.ok !== false;
  return [
    verdict(report, holds, lang),
    ...(report.since === undefined ? [] : [sinceSection(report.since, lang)]),
    ...(report.ok ? [timeSection(report, ownAnchors, timestamps, lang)] : [problemsSection(report, lang)]),
    ...(report.ok && report.kind === 'bundle' ? [contentsSection(report, lang)] : []),
    ...(report.notes.length === 0 ? [] : [notesSection(report, lang)]),
    meaning(lang),
    details(report, lang),
  ];
}

function section(title: string, ...children: readonly (Node | null)[]): HTMLElement {
  return el('section', {}, el('h2', {}, title), ...children);
}

function verdict(report: Report, holds: boolean, lang: Language): HTMLElement {
  const { words, number, form } = lang;
  const said = holds ? words.holds : words.broken;
  // The mark and the words say it; the colour only underlines it.
  const heading = el(
    'h2',
    { tabindex: '-1', id: 'verdict' },
    drawn(holds ? 'M4 13l5 5L20 6' : 'M6 6l12 12M18 6L6 18'),
    said.title,
  );
  if (report.ok) {
    const size = number(report.checkpoint?.size ?? 0);
    return el(
      'section',
      { class: holds ? 'verdict' : 'verdict broken' },
      heading,
      el('p', {}, fill(words.holds[report.kind], { size })),
    );
  }
  const total = report.problems.length + report.further;
  const [first] = report.problems;
  return el(
    'section',
    { class: 'verdict broken' },
    heading,
    el(
      'p',
      {},
      fill(form(words.broken.count, total), { n: number(total) }),
      ...(first === undefined
        ? []
        : [' ', words.broken.first, ' ', codeOf(first.code, lang), ': ', literal(first.where)]),
    ),
    el('p', {}, words.broken.means),
  );
}

/** A mark of 24 by 24, in the colour of the words beside it; drawn, since not every font has one. */
function drawn(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS(svg.namespaceURI, 'path');
  line.setAttribute('d', path);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'mark');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(line);
  return svg;
}

function codeOf(code: string, { words }: Language): string {
  return (words.codes as Record<string, string>)[code] ?? code;
}

function sinceSection(since: Since, { words, number }: Language): HTMLElement {
  const size = number(since.kept?.size ?? 0);
  return section(
    words.since.title,
    el('p', since.ok ? {} : { class: 'problem' }, fill(words.since[since.code], { size })),
  );
}

function timeSection(report: Report, ownAnchors: boolean, readable: boolean, lang: Language): HTMLElement {
  const { words, number, time, form } = lang;
  const since = report.timestamps?.unchangedSince ?? null;
  const watched = witnessParagraph(report, lang);
  if (since === null) {
    const none = el('p', {}, readable ? words.time.none : words.time.unread);
    return section(words.time.title, watched, watched === null || !readable ? none : null);
  }
  const tokens = report.timestamps?.tokens ?? [];
  const names = [...new Set(tokens.map(({ subject }) => printable(subject)))].join('; ');
  const bare = tokens.filter(({ ended, coveredBy }) => ended && coveredBy === null).length;
  return section(
    words.time.title,
    el(
      'p',
      {},
      el(
        'strong',
        {},
        fill(form(words.time.unchanged, since.size), { n: number(since.size), time: time(since.genTime) }),
      ),
      ' ',
      words.time.shows,
    ),
    el(
      'p',
      { class: 'soft' },
      fill(words.time.authorities, { names }),
      ' ',
      ownAnchors ? words.time.yours : words.time.theirs,
    ),
    bare === 0 ? null : el('p', { class: 'soft' }, fill(form(words.time.bare, bare), { n: number(bare) })),
    watched,
  );
}

/** What witnesses of the log have signed; null where none has. */
function witnessParagraph({ witnessed, cosignatures }: Report, { words, number, time, form }: Language) {
  if (witnessed === null) return null;
  const names = [...new Set(cosignatures.map(({ cosigner }) => printable(cosigner)))].join('; ');
  const { size } = witnessed;
  return el('p', {}, fill(form(words.time.witnessed, size), { n: number(size), time: time(witnessed.time), names }));
}

function contentsSection({ checked, checkpoint, contents }: Report, { words, number, form }: Language): HTMLElement {
  const { contents: said } = words;
  const all = checkpoint?.size ?? 0;
  const paragraph = (text: string, values: Record<string, string>): HTMLElement => el('p', {}, fill(text, values));
  const destroyed = Object.entries(contents?.destroyed ?? {});
  return section(
    said.title,
    paragraph(checked.records === all ? said.all : said.records, { n: number(checked.records), all: number(all) }),
    ...(contents === null
      ? []
      : [
          paragraph(said.items, {
            n: number(contents.items.disclosed),
            all: number(contents.items.disclosed + contents.items.withheld),
            withheld: number(contents.items.withheld),
          }),
          paragraph(said.files, { n: number(contents.files.carried), withheld: number(contents.files.withheld) }),
          ...destroyed.map(([reason, count]) =>
            paragraph(form(said.destroyed, count), {
              n: number(count),
              why: said.reasons[reason] ?? printable(reason),
            }),
          ),
          destroyed.length === 0 ? el('p', {}, said.notDestroyed) : null,
          el('p', { class: 'soft' }, said.withheld),
        ]),
  );
}

function problemsSection(report: Report, lang: Language): HTMLElement {
  const { words, number, form, code: language } = lang;
  const shown = report.problems.slice(0, problemsShown);
  const more = report.problems.length + report.further - shown.length;
  return section(
    words.problems.title,
    el(
      'ul',
      { class: 'plain' },
      ...shown.map(({ code, where, message }) =>
        el(
          'li',
          { class: 'problem' },
          el('div', {}, codeOf(code, lang)),
          el('div', {}, literal(where)),
          // The program's own words are more exact, and in English only.
          el(
            'div',
            language === 'en' ? { class: 'soft' } : { class: 'soft', lang: 'en', dir: 'ltr' },
            `${code}: ${printable(message)}`,
          ),
        ),
      ),
    ),
    more === 0 ? null : el('p', {}, fill(form(words.problems.more, more), { n: number(more) })),
  );
}

function notesSection({ notes }: Report, lang: Language): HTMLElement {
  const { words, number, form } = lang;
  const shown = notes.slice(0, notesShown);
  const more = notes.length - shown.length;
  return section(
    words.notes.title,
    el(
      'ul',
      { class: 'plain' },
      ...shown.map(({ where, message }) => el('li', {}, literal(where), ': ', noteOf(message, lang))),
    ),
    more === 0 ? null : el('p', {}, fill(form(words.notes.more, more), { n: number(more) })),
  );
}

/** A note in the language of the page; one that it does not know in English, and marked so. */
function noteOf(message: string, { words, code }: Language): Node | string {
  const known = words.notes.known.find(([pattern]) => pattern.test(message));
  if (known !== undefined) return message.replace(known[0], known[1]);
  return code === 'en' ? printable(message) : el('span', { lang: 'en', dir: 'ltr' }, printable(message));
}

function meaning({ words: { means } }: Language): HTMLElement {
  const points = [means.sealed, means.origin, means.before, means.itself];
  return section(means.title, el('ul', { class: 'points' }, ...points.map((point) => el('li', {}, point))));
}

function details({ checked, checkpoint, timestamps }: Report, { words, number, time, form }: Language): HTMLElement {
  const { details: d } = words;
  const row = (name: string, value: Node | string): [HTMLElement, HTMLElement] => [
    el('dt', {}, name),
    el('dd', {}, value),
  ];
  const mb = number(Math.round(checked.bytes / 1e5) / 10);
  const tokens = (timestamps?.tokens ?? []).map((token) =>
    fill(`${d.tokenText} ${token.ended ? d.ended : ''}`, {
      time: time(token.genTime),
      size: number(token.checkpoint.size),
      subject: printable(token.subject),
      policy: token.policy,
      until: time(token.validUntil),
    }),
  );
  return el(
    'details',
    {},
    el('summary', {}, d.title),
    el(
      'dl',
      {},
      ...(checkpoint === null
        ? []
        : [
            ...row(d.log, literal(checkpoint.origin)),
            ...row(d.size, el('bdi', {}, number(checkpoint.size))),
            ...row(d.root, literal(checkpoint.root)),
          ]),
      ...row(d.files, fill(form(d.fileCount, checked.files), { n: number(checked.files), mb })),
      ...row(d.records, el('bdi', {}, number(checked.records))),
      ...row(d.signatures, el('bdi', {}, number(checked.signatures))),
      ...row(d.proofs, el('bdi', {}, number(checked.checkpoints))),
      ...row(d.citations, el('bdi', {}, number(checked.citations))),
      ...tokens.flatMap((token) => row(d.token, token)),
    ),
  );
}
