// Shares as texts, and whose share is false.
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { checkShares, decryptShare, formatShare, joinShares, parseShare, splitShares, type Share } from './guardian.ts';
import { makeGuardians, readShares } from './vault.fixture.ts';

const guardians = await makeGuardians('anna', 'boris', 'سلمى', 'dora');
const handover = await splitShares(guardians, 3, randomBytes);
const trust = { ...handover, threshold: 3 };
const shares = await readShares(handover.files, guardians);
const of = (...names: string[]): string[] => names.map((name) => shares[name]!);

function refusal(texts: string[]): Fault {
  try {
    checkShares(trust, texts);
  } catch (error) {
    return error as Fault;
  }
  throw new Error('nothing was refused');
}

test('three of four guardians join the key of the vault, in any order', async () => {
  for (const texts of [of('anna', 'boris', 'سلمى'), of('dora', 'سلمى', 'anna'), of('anna', 'boris', 'سلمى', 'dora')]) {
    const identity = await joinShares(trust, checkShares(trust, texts));
    expect(identity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
  }
});

test('two are too few, and one share given twice counts once', () => {
  expect(refusal(of('anna', 'boris')).code).toBe('no-permission');
  expect(refusal(of('anna', 'boris', 'boris')).message).toContain('got: 2');
  expect(refusal([]).code).toBe('no-permission');
});

test('a share with one digit changed is caught, and its guardian named', () => {
  for (const line of ['bytes', 'salt', 'share']) {
    const altered = shares['boris']!.replace(new RegExp(`(${line} )(.)`), (_, before: string, digit: string) =>
      before.concat(digit === '3' ? '4' : '3'),
    );
    const fault = refusal([...of('anna', 'dora'), altered]);
    expect(fault.code).toBe('wrong-key');
    expect(fault.message).toContain('got: boris: not the share that was handed to them');
  }
});

test("another guardian's share under one's own name is caught, and so is a share of another vault", async () => {
  const swapped = shares['anna']!.replace('guardian anna', 'guardian boris');
  expect(refusal([swapped, ...of('dora', 'سلمى')]).message).toContain('got: boris: not the share');
  const other = await readShares((await splitShares(guardians, 3, randomBytes)).files, guardians);
  const fault = refusal([other['سلمى']!, ...of('anna', 'dora')]);
  expect(fault.message).toContain('got: سلمى: a share of another key');
});

test('a damaged text is put down to the guardian it names, and one of nobody to its place', () => {
  expect(refusal([shares['dora']!.slice(0, -10), ...of('anna', 'boris')]).message).toContain(
    'dora: the text is damaged',
  );
  const fault = refusal([...of('anna', 'boris'), 'guardian eve\u202e']);
  expect(fault.message).toContain('text 3 of 3: not a share of a guardian of this vault');
  expect(fault.message).not.toContain('eve');
});

test('every false share is named, and before it is said that they are too few', () => {
  const [anna, dora] = of('anna', 'dora').map((text) => text.replace(/salt ./, 'salt x'));
  const fault = refusal([anna!, dora!]);
  expect(fault.message).toContain('anna: the text is damaged; dora: the text is damaged');
});

test('a share opens with the key of its guardian alone, and no message holds a key', async () => {
  const file = handover.files.find(({ name }) => name === 'guardian-boris.age')!.bytes;
  const key = guardians[1]!.keyFile;
  expect(await decryptShare(file, key)).toBe(shares['boris']);
  const broken = key.replace(/.\n$/, '\n');
  for (const keyFile of [guardians[0]!.keyFile, '', broken, 'AGE-SECRET-KEY-1QQQ']) {
    const fault = await decryptShare(file, keyFile).catch((error: unknown) => error as Fault);
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).code).toBe('wrong-key');
    expect(JSON.stringify([(fault as Fault).message, (fault as Fault).stack])).not.toMatch(/SECRET-KEY-1[0-9A-Z]/);
    expect((fault as Fault).cause).toBeUndefined();
  }
});

test('the commitment is the SHA-256 of the text, whatever ended its lines on the way', () => {
  for (const { name, commitment } of handover.guardians) {
    expect(createHash('sha256').update(shares[name]!).digest('hex')).toBe(commitment);
  }
  const mailed = of('anna', 'boris', 'dora').map((text) => `\r\n ${text.replaceAll('\n', ' \r\n')}\r\n`);
  expect(checkShares(trust, mailed)).toHaveLength(3);
});

test('guardians that cannot be are refused, and a secret key given for a recipient is not repeated', async () => {
  const [a, b, c] = guardians as [Share & never, never, never];
  const refuse = (list: unknown, threshold: number) =>
    expect(splitShares(list as never, threshold, randomBytes)).rejects.toMatchObject({ code: 'usage' });
  await refuse([a, b, c], 1);
  await refuse([a, b], 3);
  await refuse([a, b, { ...(c as object), name: '../c' }], 2);
  await refuse([a, b, { ...(c as object), name: 'Anna' }], 2);
  await refuse([a, b, { ...(c as object), recipient: guardians[0]!.recipient }], 2);
  const secret = guardians[2]!.keyFile.split('\n')[1]!;
  const fault = splitShares([a, { name: 'x', recipient: secret }], 2, randomBytes);
  await expect(fault).rejects.toMatchObject({ code: 'usage', message: expect.not.stringContaining(secret) as string });
});

test('the text of a share is read as it was written, and anything else is no share', () => {
  const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(hex(74), hex(16), fc.integer({ min: 1, max: 255 }), (bytes, salt, number) => {
      const share = { vault: handover.recipient, guardian: 'anna', number, salt: Buffer.from(salt).toString('hex') };
      const read = parseShare(formatShare({ ...share, bytes }))!;
      expect({ ...read, bytes: Uint8Array.from(read.bytes) }).toEqual({ ...share, bytes });
    }),
  );
  const text = shares['anna']!;
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, put) => {
      const changed = parseShare(text.slice(0, at) + put + text.slice(at + 1));
      // What is read back is what stands there, so its commitment is another one.
      if (changed !== null) expect(parseShare(formatShare(changed))).toEqual(changed);
    }),
  );
  fc.assert(fc.property(fc.string(), (noise) => void expect(parseShare(noise)).toBeNull()));
});
