import { expect, test } from 'vitest';
import { columns, hanging, openTerminal, printable, progressLine, spanOf } from './terminal.ts';

function captured(tty: boolean) {
  const written: string[] = [];
  let time = 0;
  const stream = {
    isTTY: tty,
    columns: 80,
    write: (text: string) => written.push(text),
  } as unknown as NodeJS.WritableStream;
  const terminal = openTerminal({ stdout: stream, stderr: stream, env: {}, now: () => time });
  return { terminal, written, pass: (ms: number) => (time += ms) };
}

test('a line of progress says how many, how fast and how long still', () => {
  expect(progressLine({ stage: 'describe', done: 500, total: 1500 }, 10, 500, 0)).toBe(
    'describing 500 of 1,500 · 50/s · 20 s left',
  );
});

test('without a total there is no bar and no promise of an end', () => {
  expect(progressLine({ stage: 'intake', done: 500, bytes: 5e8 }, 10, 500, 80)).toBe('receiving 500 · 50/s · 50 MB/s');
});

test('off a terminal a line comes every five seconds and holds no control character', () => {
  const { terminal, written, pass } = captured(false);
  for (let i = 0; i < 100; i++) {
    pass(100);
    terminal.progress({ stage: 'group', done: i, total: 100 });
  }
  expect(written.length).toBe(2);
  expect(written.join('')).not.toMatch(/\u001b/u);
});

test('each pass of a stage counts and is timed from its own beginning', () => {
  const { terminal, written, pass } = captured(false);
  for (const [total, every] of [
    [100, 100],
    [10, 1000],
  ] as const)
    for (let done = 1; done <= total; done++) {
      pass(every);
      terminal.progress({ stage: 'describe', done, total });
    }
  // The first at ten a second; the second at one a second, whatever the first was like.
  expect(written).toEqual([
    expect.stringMatching(/^describing 50 of 100 · 10(?:\.\d)?\/s/),
    expect.stringMatching(/^describing 100 of 100 · 10(?:\.\d)?\/s/),
    expect.stringMatching(/^describing 5 of 10 · 1\.[0-3]\/s/),
    expect.stringMatching(/^describing 10 of 10 · 1\.[0-3]\/s/),
  ]);
});

test('on a terminal the bar is wiped before anything is said', () => {
  const { terminal, written, pass } = captured(true);
  pass(200);
  terminal.progress({ stage: 'group', done: 1, total: 2 });
  terminal.say('done');
  expect(written.at(-2)).toBe('\r\u001b[2K');
  expect(written.at(-1)).toBe('done\n');
});

test('spans of time are said in the unit that fits', () => {
  expect([spanOf(0.2), spanOf(59), spanOf(600), spanOf(7200)]).toEqual(['1 s', '59 s', '10 min', '2.0 h']);
});

test('numbers stand under each other at the right', () => {
  expect(
    columns([
      ['sealed', 12],
      ['duplicate', 1234],
    ]),
  ).toEqual(['sealed        12', 'duplicate  1,234']);
});

test('a name that would turn the line around or clear the screen is shown, not obeyed', () => {
  expect(printable('a\u202Egpj.exe\u001b[2J')).toBe('a\\u{202e}gpj.exe\\u{1b}[2J');
  expect(printable('فرع 215/صورة.jpg')).toBe('فرع 215/صورة.jpg');
});

test('a long meaning goes on under itself, and no word is lost', () => {
  const rows = [
    ['new', 'make a case: keys, log, first checkpoint'],
    ['rebuild', 'the index again'],
  ] as const;
  expect(hanging(rows, 40)).toEqual([
    'new      make a case: keys, log, first',
    '         checkpoint',
    'rebuild  the index again',
  ]);
  expect(hanging([['', 'alone']], 40)).toEqual(['alone']);
});
