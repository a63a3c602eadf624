// Signatures by SSH keys, against the real ssh-keygen in both directions: each kind of key holds, and what was altered,
// signed for something else, by somebody else or by another hash is refused, each with a reason of its own.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import {
  armour,
  fixtureMessage,
  fixtureNamespace,
  makeSshKey,
  SoftToken,
  sshSign,
  sshVerifies,
  withoutSshKeygen,
} from './sshsig.fixture.ts';
import { checkSshSignature, parseSshKey, parseSshSignature, SshError } from './sshsig.ts';

const fixtures = new URL('./fixtures/sshsig/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const scratch = mkdtempSync(join(tmpdir(), 'dalil-ssh-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** `holds`, or the reason why not. */
async function judge(line: string, armoured: string, message = fixtureMessage, namespace = fixtureNamespace) {
  try {
    await checkSshSignature(utf8(message), parseSshSignature(armoured), { key: parseSshKey(line), namespace });
    return 'holds';
  } catch (error) {
    if (error instanceof SshError) return error.reason;
    throw error;
  }
}

const names = readdirSync(fixtures)
  .filter((name) => name.endsWith('.sig'))
  .map((name) => name.slice(0, -4));

test('what ssh-keygen and two tokens have signed holds, for each kind of key and both hashes', async () => {
  const judged = await Promise.all(
    names.map(async (name) => [name, await judge(read(`${name}.pub`), read(`${name}.sig`))]),
  );
  expect(Object.fromEntries(judged)).toEqual({
    ed25519: 'holds',
    'ed25519-sha256': 'holds',
    ecdsa: 'holds',
    rsa: 'holds',
    'sk-ed25519': 'holds',
    'sk-ecdsa': 'holds',
    'other-namespace': 'another-namespace',
  });
});

test('another text, another key and another purpose are told apart', async () => {
  for (const name of names.filter((one) => one !== 'other-namespace')) {
    const [line, armoured] = [read(`${name}.pub`), read(`${name}.sig`)];
    expect(await judge(line, armoured, fixtureMessage.trimEnd()), name).toBe('altered');
    expect(await judge(line, armoured, fixtureMessage, 'deaccession@dalil'), name).toBe('another-namespace');
    const other = name === 'rsa' ? 'ecdsa' : 'rsa';
    expect(await judge(read(`${other}.pub`), armoured), name).toBe('another-key');
  }
});

test('whichever byte of a signature is altered, it does not hold', async () => {
  for (const name of ['ed25519', 'ecdsa', 'sk-ed25519']) {
    const bytes = Buffer.from(read(`${name}.sig`).replaceAll(/-----.*-----|\n/g, ''), 'base64');
    for (let at = 0; at < bytes.length; at++) {
      const other = Buffer.from(bytes);
      other[at]! ^= 1;
      expect(await judge(read(`${name}.pub`), armour(other)), `${name} ${at}`).not.toBe('holds');
    }
  }
});

test('a signature under another hash, by SHA-1, or that nobody touched a token for, is refused', async () => {
  const rename = (armoured: string, from: string, to: string): string => {
    const bytes = Buffer.from(armoured.replaceAll(/-----.*-----|\n/g, ''), 'base64').toString('latin1');
    expect(bytes).toContain(from);
    return armour(Buffer.from(bytes.replaceAll(from, to), 'latin1'));
  };
  expect(await judge(read('ed25519.pub'), rename(read('ed25519.sig'), 'sha512', 'sha384'))).toBe('another-hash');
  expect(await judge(read('ed25519.pub'), rename(read('ed25519.sig'), 'sha512', 'sha256'))).toBe('altered');
  expect(await judge(read('rsa.pub'), rename(read('rsa.sig'), 'rsa-sha2-512', 'rsa-sha1-512'))).toBe('unsupported');
  const token = new SoftToken('ed25519');
  expect(await judge(token.line, token.sign(fixtureMessage, fixtureNamespace, 0))).toBe('no-touch');
});

test('keys that are not taken, or are none, are refused', () => {
  const blob = (type: string): string =>
    Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(type)]).toString('base64');
  const refused = (line: string): string => {
    try {
      parseSshKey(line);
      return 'taken';
    } catch (error) {
      return (error as SshError).reason;
    }
  };
  expect(refused(`ssh-dss ${blob('ssh-dss')} me`)).toBe('unsupported');
  expect(refused(`ssh-rsa ${blob('ssh-dss')} me`)).toBe('unsupported');
  expect(refused(`ssh-rsa ${read('ed25519.pub').split(' ')[1]}`)).toBe('malformed');
  expect(refused(`no-pty ${read('ed25519.pub')}`)).toBe('malformed');
  expect(refused(read('ed25519.pub').repeat(2))).toBe('malformed');
  expect(refused('')).toBe('malformed');
});

test('foreign text gives the declared error and no other', () => {
  const base = read('ecdsa.sig').replaceAll(/-----.*-----|\n/g, '');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.uint8Array({ maxLength: 200 }).map(armour),
        fc.nat({ max: 200 }).map((cut) => armour(Buffer.from(base, 'base64').subarray(0, cut))),
      ),
      (text) => {
        expect(() => parseSshSignature(text)).toThrow(SshError);
        expect(() => parseSshKey(text)).toThrow(SshError);
      },
    ),
  );
});

const skipped = withoutSshKeygen();
if (skipped !== null) console.warn(`left out: signatures made now (${skipped})`);
describe.skipIf(skipped !== null)('beside the real ssh-keygen', () => {
  test('its keys have the fingerprint that it prints, and its signatures of now hold', async () => {
    for (const kind of ['ed25519', 'ecdsa', 'rsa'] as const) {
      const line = makeSshKey(join(scratch, kind), kind);
      const armoured = sshSign(join(scratch, kind), 'إيصال', 'custody@dalil');
      expect(await judge(line, armoured, 'إيصال'), kind).toBe('holds');
      expect(sshVerifies(line, 'إيصال', armoured, 'custody@dalil')).toBe(true);
    }
  });

  test('it accepts the tokens made of software, so that they stand for real ones', () => {
    for (const name of ['sk-ed25519', 'sk-ecdsa']) {
      const [line, armoured] = [read(`${name}.pub`), read(`${name}.sig`)];
      expect(sshVerifies(line, fixtureMessage, armoured, fixtureNamespace), name).toBe(true);
      expect(sshVerifies(line, `${fixtureMessage} `, armoured, fixtureNamespace), name).toBe(false);
    }
  });
});
