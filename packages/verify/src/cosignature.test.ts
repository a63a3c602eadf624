// C2SP tlog-cosignature: its example taken apart, and cosignatures made by its formula, good and bad.
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromBase64url, toBase64 } from '#engine';
import { cosignedText, openCosignature, splitCosignature } from './cosignature.ts';
import { formatNoteKey, noteKey, parseNoteKey, splitNote } from './note.ts';
import { FormatError } from './problem.ts';

// The example of the page. Neither key is published, so its signatures can be taken apart and not checked.
const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

test('the published example has the time, and what is signed in it the form, that its page says', () => {
  const { text, lines } = splitNote(example);
  expect(lines.map(({ name }) => name)).toEqual(['example.com/behind-the-sofa', 'witness.example.com/w1']);
  expect(splitCosignature(lines[0]!.signature)).toBeNull();
  expect(splitCosignature(lines[1]!.signature)?.time).toBe(1679315147);
  expect(cosignedText(text, 1679315147)).toBe(`cosignature/v1
time 1679315147
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
`);
});

const secret = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 9)]),
  format: 'der',
  type: 'pkcs8',
});
const raw = fromBase64url((createPublicKey(secret).export({ format: 'jwk' }) as { x: string }).x)!;
const key = noteKey('witness.example/w1', raw, 'cosignature');
const text = splitNote(example).text;

/** A line as a witness gives it, by the page's own formula. */
function cosign({ time = 1679315147, says = cosignedText(text, time), id = key.id, name = key.name } = {}): string {
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  return `— ${name} ${toBase64(Buffer.concat([id, stamp, sign(null, Buffer.from(says), secret)]))}\n`;
}
const refusal = (line: string, over = text): string => {
  try {
    openCosignature(line, over, key);
    return 'accepted';
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
};

test('a cosignature gives its time, under its own key and over its own checkpoint', () => {
  expect(openCosignature(cosign(), text, key)).toEqual({ time: 1679315147 });
  expect(refusal(cosign(), text.replace('20852163', '20852164'))).toBe('cosignature-signature');
  expect(refusal(cosign({ says: text }))).toBe('cosignature-signature');
  expect(refusal(cosign({ time: 1, says: cosignedText(text, 2) }))).toBe('cosignature-signature');
});

test('another name, another kind of key, two lines or none are not its cosignature', () => {
  expect(refusal(cosign({ name: 'witness.example/w2' }))).toBe('cosignature-malformed');
  expect(refusal(cosign({ id: noteKey(key.name, raw).id }))).toBe('cosignature-malformed');
  expect(refusal(cosign() + cosign())).toBe('cosignature-malformed');
  expect(refusal('')).toBe('cosignature-malformed');
  expect(refusal(cosign().trimEnd())).toBe('checkpoint-signature');
  expect(refusal(cosign({ time: 2 ** 52 }))).toBe('cosignature-malformed');
});

test('a witness’s key is told from the key of a log', () => {
  const vkey = formatNoteKey(key);
  expect(parseNoteKey(vkey, 'cosignature')).toEqual(key);
  expect(() => parseNoteKey(vkey)).toThrow(FormatError);
  expect(() => parseNoteKey(formatNoteKey(noteKey(key.name, raw)), 'cosignature')).toThrow(FormatError);
});

test('every single altered bit of a cosignature is refused', () => {
  const line = Buffer.from(cosign());
  for (let i = 0; i < line.length * 8; i++) {
    const altered = Buffer.from(line);
    altered[i >> 3]! ^= 1 << (i & 7);
    expect(refusal(altered.toString()), `bit ${i}`).not.toBe('accepted');
  }
});
