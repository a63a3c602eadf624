// The texts that people sign: one spelling for each content, nothing invisible in them, and nothing foreign taken.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from './problem.ts';
import {
  formatDeaccession,
  formatReceipt,
  isStatement,
  parseDeaccession,
  parseReceipt,
  type Deaccession,
  type Receipt,
} from './receipt.ts';

const state = {
  case: '008ba6f2c8f0fffcfb351898b9234490',
  checkpoint: { size: 12, root: `${'A'.repeat(43)}=` },
};
const id = 'A'.repeat(43);
const receipt: Receipt = {
  ...state,
  event: 'transfer',
  what: [{ handle: 'A-0001', id }],
  from: { name: 'بستان', key: 'SHA256:aaaa' },
  to: { name: 'Archive of the north', key: 'SHA256:bbbb' },
  when: '2026-11-25T02:00:00Z',
  why: 'safe keeping: abroad',
};
const deaccession: Deaccession = {
  ...state,
  reason: 'consent-withdrawn',
  why: 'asked for in writing',
  items: [
    { handle: 'E-00001', id },
    { handle: 'E-00002', id },
  ],
  remains: ['E-00007'],
};

test('a receipt reads as it was meant, for some things and for the whole case', () => {
  expect(formatReceipt(receipt)).toBe(`dalil-receipt/1
case: 008ba6f2c8f0fffcfb351898b9234490
checkpoint: 12 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
event: transfer
what: A-0001 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
from: بستان
from-key: SHA256:aaaa
to: Archive of the north
to-key: SHA256:bbbb
when: 2026-11-25T02:00:00Z
why: safe keeping: abroad
`);
  for (const one of [receipt, { ...receipt, what: [] }]) expect(parseReceipt(formatReceipt(one))).toEqual(one);
});

test('a deaccession reads as it was meant', () => {
  expect(parseDeaccession(formatDeaccession(deaccession))).toEqual(deaccession);
  expect(parseDeaccession(formatDeaccession({ ...deaccession, remains: [] })).remains).toEqual([]);
});

test('a line more, less, twice, moved or changed is refused', () => {
  for (const [text, parse] of [
    [formatReceipt(receipt), parseReceipt],
    [formatDeaccession(deaccession), parseDeaccession],
  ] as const) {
    const lines = text.split('\n');
    const refused = (other: string[]): void => expect(() => parse(other.join('\n'))).toThrow(FormatError);
    refused([...lines.slice(0, -1), 'more: than this', '']);
    refused([...lines, '']);
    refused(lines.slice(0, -1));
    refused([lines[0]!, lines[2]!, lines[1]!, ...lines.slice(3)]);
    for (const at of [0, 1, 2, 3, 4]) {
      refused([...lines.slice(0, at), ...lines.slice(at + 1)]);
      refused([...lines.slice(0, at), lines[at]!, ...lines.slice(at)]);
    }
    refused(lines.map((line) => `${line}\r`));
  }
  expect(() => parseReceipt(formatDeaccession(deaccession))).toThrow(FormatError);
});

test('nothing that cannot be seen can be signed', () => {
  for (const bad of ['', ' x', 'x\ny: z', 'gpj.\u202eevil', 'a\u200bb', 'e\u0301', 'a\u00a0b', 'x'.repeat(501)]) {
    expect(isStatement(bad), JSON.stringify(bad)).toBe(false);
    expect(() => formatReceipt({ ...receipt, why: bad })).toThrow(FormatError);
  }
  for (const good of ['بستان', 'می‌خواهم', 'a: b', 'é']) expect(isStatement(good), good).toBe(true);
});

test('foreign text gives the declared error and no other', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `dalil-receipt/1\n${text}\n`),
      ),
      (text) => {
        expect(() => parseReceipt(text)).toThrow(FormatError);
        expect(() => parseDeaccession(text)).toThrow(FormatError);
      },
    ),
  );
});
