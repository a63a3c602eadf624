// verify.html: somebody drops a bundle on the page, and it says in plain words whether it holds. It sends nothing, keeps
// nothing, and shows no picture; the policy in page.html holds it to that.
import { filesOfDrop, filesOfInput } from '../browser-files.ts';
import { judgesTimestamps } from '../check-timestamps.ts';
import { check, kindOf, refusedArchive } from '../check.ts';
import type { CheckProgress, Files } from '../files.ts';
import { FormatError } from '../problem.ts';
import { checkSince } from '../since.ts';
import { parseTilePath } from '../tile.ts';
import { TimestampError } from '../timestamp-error.ts';
import { certificatesFromPem } from '../timestamp.ts';
import { ar } from './ar.ts';
import { el, fill } from './dom.ts';
import { en } from './en.ts';
import { resultOf, type Checked } from './view.ts';
import type { Language } from './words.ts';

/** What the page shows now. */
type State =
  | { is: 'waiting'; stopped?: boolean }
  | { is: 'looking'; found: number }
  | { is: 'checking'; done: number; all: number; bytes: number }
  | { is: 'checked'; checked: Checked }
  | { is: 'neither' }
  | { is: 'failed'; why: (lang: Language) => Node | string };

class Stopped extends Error {}

const languages: readonly Language[] = [en, ar];
let lang = chooseLanguage();
let state: State = { is: 'waiting' };
let stopping = false;
/** What the person has kept; it outlives a change of language. */
let keptLine = '';
let anchorFile: File | null = null;

function chooseLanguage(): Language {
  const asked = location.hash.slice(1);
  const preferred = navigator.languages.map((tag) => tag.split('-')[0]);
  return [asked, ...preferred].flatMap((code) => languages.filter((one) => one.code === code))[0] ?? en;
}

function show(next: State, focus?: string): void {
  state = next;
  const { words, code, dir, name } = lang;
  document.documentElement.lang = code;
  document.documentElement.dir = dir;
  document.title = words.title;
  const others = languages.filter((one) => one !== lang);
  const header = el(
    'header',
    {},
    el('span', { class: 'name' }, 'Dalil · دليل'),
    ...others.map((other) => {
      const button = el('button', { type: 'button', lang: other.code, id: 'language' }, other.name);
      button.addEventListener('click', () => {
        lang = other;
        // Without an entry in the history: back leads away from the page, not to the other language.
        location.replace(`#${other.code}`);
        show(state, 'language');
      });
      return button;
    }),
  );
  document.body.replaceChildren(header, el('main', { 'aria-label': name }, ...content()));
  if (focus !== undefined) document.getElementById(focus)?.focus();
}

function content(): HTMLElement[] {
  const { words } = lang;
  switch (state.is) {
    case 'waiting':
      return waiting(state.stopped === true);
    case 'looking':
    case 'checking':
      return [working()];
    case 'checked':
      return [...resultOf(state.checked, lang), again()];
    case 'neither':
      return [notice(words.neither.title, words.neither.text), again()];
    case 'failed':
      return [notice(words.failed.title, state.why(lang)), again()];
  }
}

function notice(title: string, text: Node | string): HTMLElement {
  return el(
    'section',
    { class: 'verdict broken' },
    el('h2', { tabindex: '-1', id: 'verdict' }, title),
    el('p', {}, text),
  );
}

function again(): HTMLElement {
  const button = el('button', { type: 'button', class: 'again' }, lang.words.again);
  button.addEventListener('click', () => show({ is: 'waiting' }, 'folder'));
  return el('div', {}, button);
}

function waiting(stopped: boolean): HTMLElement[] {
  const { words } = lang;
  const pick = (id: string, text: string, attributes: Record<string, string>, first = ''): HTMLElement => {
    const input = el('input', { type: 'file', id, ...attributes });
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      if (files.length > 0) void run(() => filesOfInput(files));
    });
    return el('label', { class: `button ${first}` }, text, input);
  };
  const line = el('textarea', { id: 'kept', dir: 'ltr', spellcheck: 'false', autocomplete: 'off' });
  line.value = keptLine;
  line.addEventListener('input', () => (keptLine = line.value));
  const anchors = el('input', { type: 'file', id: 'anchors', accept: '.pem,.crt,.cer' });
  anchors.addEventListener('change', () => (anchorFile = anchors.files?.[0] ?? null));
  return [
    el(
      'section',
      {},
      el('h1', {}, words.heading),
      el('p', {}, words.lead),
      el('p', {}, el('strong', {}, words.privacy)),
    ),
    stopped ? el('p', { role: 'status' }, words.stopped) : null,
    el(
      'section',
      { class: 'pick', id: 'pick' },
      el('p', {}, words.drop),
      el(
        'div',
        { class: 'buttons' },
        pick('folder', words.pickFolder, { webkitdirectory: '' }, 'first'),
        pick('zip', words.pickZip, { accept: '.zip' }),
      ),
      el('p', { class: 'soft' }, words.uploads),
    ),
    el(
      'details',
      keptLine === '' && anchorFile === null ? {} : { open: '' },
      el('summary', {}, words.kept.title),
      el('p', {}, words.kept.text),
      el('label', {}, words.kept.line, line),
      el('label', {}, words.kept.anchors, anchors),
    ),
    el('p', { class: 'soft' }, words.means.itself),
  ].filter((one) => one !== null);
}

function working(): HTMLElement {
  const { words, form, number } = lang;
  const stop = el('button', { type: 'button', id: 'stop' }, words.stop);
  stop.addEventListener('click', () => (stopping = true));
  return el(
    'section',
    {},
    el('h1', {}, words.checking),
    el('progress', { id: 'bar', 'aria-label': words.checking }),
    el('p', { id: 'count' }, state.is === 'looking' ? fill(form(words.looking, 0), { n: number(0) }) : ''),
    el('div', {}, stop),
  );
}

/** Moves bar and figures; the rest of the page stays, so that the keyboard does. */
function move(): void {
  const bar = document.getElementById('bar');
  const count = document.getElementById('count');
  if (!(bar instanceof HTMLProgressElement) || count === null) return;
  const { words, number, form } = lang;
  if (state.is === 'looking') count.replaceChildren(fill(form(words.looking, state.found), { n: number(state.found) }));
  if (state.is !== 'checking') return;
  const { done, all, bytes } = state;
  bar.max = Math.max(1, all);
  bar.value = Math.min(done, all);
  const mb = number(Math.round(bytes / 1e5) / 10);
  count.replaceChildren(fill(words.progress, { done: number(Math.min(done, all)), all: number(all), mb }));
}

/** How many files and records a check of these files will have counted at its end. */
async function workOf(files: Files, bundle: boolean): Promise<number> {
  let all = 0;
  for await (const { path } of files.list()) {
    if (bundle) all += path.endsWith('.sd-jwt') ? 2 : 1;
    else if (/^(?:originals|derivatives|vault|records\/blobs|log\/checkpoints)\//.test(path)) all++;
    else if (path.startsWith('log/tile/entries/')) {
      all += parseTilePath(path.slice('log/tile/entries/'.length))?.width ?? 0;
    }
  }
  return all;
}

/** Checks what `open` gives, from beginning to end. */
async function run(open: (seen: (count: number) => void) => Promise<Files>, dropped = false): Promise<void> {
  stopping = false;
  show({ is: 'looking', found: 0 }, 'stop');
  let last = 0;
  const step = (next: State): void => {
    if (stopping) throw new Stopped();
    state = next;
    if (performance.now() - last < 60) return;
    last = performance.now();
    move();
  };
  try {
    const ended = await checked(open, step);
    show(ended, 'verdict');
  } catch (error) {
    if (error instanceof Stopped) show({ is: 'waiting', stopped: true }, 'folder');
    else show(failure(error, dropped), 'verdict');
  }
}

function failure(error: unknown, dropped: boolean): State {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (error instanceof TimestampError) {
    return { is: 'failed', why: ({ words }) => fill(words.failed.anchors, { why: error.message }) };
  }
  // Chromium's name for it, on pages from file://.
  const refused = dropped && error instanceof DOMException && error.name === 'EncodingError';
  return {
    is: 'failed',
    why: ({ words }) =>
      refused ? words.failed.dropped : fill(words.failed.text, { why: el('bdi', { dir: 'ltr' }, why) }),
  };
}

async function checked(
  open: (seen: (count: number) => void) => Promise<Files>,
  step: (state: State) => void,
): Promise<State> {
  const roots = anchorFile === null ? null : certificatesFromPem(await anchorFile.text());
  // Absent where the page came over plain HTTP.
  const timestamps = (globalThis.crypto?.subtle as SubtleCrypto | undefined) !== undefined;
  const conditions = { ownAnchors: roots !== null, timestamps };
  let files: Files;
  try {
    files = await open((found) => step({ is: 'looking', found }));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { is: 'checked', checked: { report: refusedArchive('zip', error), ...conditions } };
  }
  const kind = await kindOf(files);
  if (kind === null) return { is: 'neither' };
  const all = await workOf(files, kind === 'bundle');
  show({ is: 'checking', done: 0, all, bytes: 0 }, 'stop');
  move();
  const progress: CheckProgress = ({ files: done, records, bytes }) =>
    step({ is: 'checking', done: done + records, all, bytes });
  const judge = judgesTimestamps(roots === null ? { now: new Date() } : { now: new Date(), roots });
  const report = await check(files, progress, timestamps ? { timestamps: judge } : {});
  const kept = keptLine.trim() === '' ? null : await checkSince(files, keptLine);
  return { is: 'checked', checked: { report: kept === null ? report : { ...report, since: kept }, ...conditions } };
}

document.addEventListener('dragover', (event) => {
  // Also where nothing can be dropped: a browser would open the file in place of the page.
  event.preventDefault();
  const here = state.is === 'waiting' && event.dataTransfer?.types.includes('Files') === true;
  if (event.dataTransfer !== null) event.dataTransfer.dropEffect = here ? 'copy' : 'none';
  if (here) document.getElementById('pick')?.classList.add('over');
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) document.getElementById('pick')?.classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  const { dataTransfer } = event;
  document.getElementById('pick')?.classList.remove('over');
  if (state.is !== 'waiting' || dataTransfer === null) return;
  // Asked for within the event: afterwards the browser has taken it back.
  let seen: (count: number) => void = () => {};
  const files = filesOfDrop(dataTransfer, (count) => seen(count));
  void run((told) => {
    seen = told;
    return files;
  }, true);
});

show({ is: 'waiting' });
