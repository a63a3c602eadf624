// The files beside a bundle's payload, made for tools that are not ours: keys as PEM and as a note's verifier key, trust
// anchors, the keys of holders as `ssh-keygen` reads them. All of it stands in card and records: made again, and compared.
import { toBase64 } from '#engine';
import type { CaseFile } from './case-file.ts';
import type { KeyHistory, KeyPeriod } from './keys.ts';
import { formatNoteKey } from './note.ts';
import { deaccessionNamespace, receiptNamespace } from './receipt.ts';
import type { FileCitation, RecordFields } from './record.ts';
import { verifyText, type Signed } from './verify-text.ts';

const utf8 = new TextEncoder();

/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410): these twelve bytes, then the key. */
const ed25519Info = new Uint8Array([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);

/** Tag files whose bytes do not follow from the records: programs. A bundle may have them or not. */
export const programs = ['verify.html', 'verify.mjs'] as const;

/** RFC 7468. */
export function formatPem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export function publicKeyPem(raw: Uint8Array): string {
  return formatPem('PUBLIC KEY', new Uint8Array([...ed25519Info, ...raw]));
}

/** A name that may be part of a path: what records of time authorities have. */
const plainName = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
/** A key as OpenSSH writes it. What stands behind it, a comment, is left out. */
const sshKey = /^((?:sk-)?(?:ssh-|ecdsa-)[A-Za-z0-9@.-]+ [A-Za-z0-9+/]+={0,2})(?: [^\n]*)?$/;

/** Collects what the disclosed records say of keys and anchors; writer and checker show it the same records. */
export class TagFiles {
  readonly #card: CaseFile;
  /** The keys up to those that signed the bundle's checkpoint. */
  readonly #periods: readonly KeyPeriod[];
  readonly #anchors: { path: string; file: FileCitation }[] = [];
  readonly #signers: string[] = [];
  /** Id of a holder's record -> their name, of those who stand in keys/allowed_signers. */
  readonly #holders = new Map<string, string>();
  readonly #signed: Signed[] = [];
  /** For each authority the newest token. */
  readonly #tokens = new Map<string, { reply: FileCitation; checkpoint: FileCitation }>();

  /** `size` is that of the bundle's checkpoint. */
  constructor(card: CaseFile, keys: KeyHistory, size: number) {
    this.#card = card;
    this.#periods = keys.periods.filter(({ from }) => from < size);
  }

  /** To be called with every disclosed record, in the order of the log. */
  see(id: string, said: RecordFields): void {
    const files = said.files ?? {};
    if (said.kind === 'seal.authority') {
      const name = said['name'];
      if (typeof name !== 'string' || !plainName.test(name)) return;
      for (const role of Object.keys(files).filter((one) => one.startsWith('anchor'))) {
        const file = files[role]!;
        const own = this.#anchors.filter(({ path }) => path.replace(/-\d+\.pem$/, '') === `anchors/${name}`);
        if (own.some((other) => other.file.sha256 === file.sha256)) continue;
        this.#anchors.push({ path: `anchors/${name}-${own.length + 1}.pem`, file });
      }
    } else if (said.kind === 'seal.timestamp') {
      const { reply, checkpoint } = files;
      const name = said['authority'];
      if (typeof name !== 'string' || !plainName.test(name) || reply === undefined || checkpoint === undefined) return;
      this.#tokens.set(name, { reply, checkpoint });
    } else if (said.kind === 'seal.holder') {
      const { name, publicKey } = said;
      const key = typeof publicKey === 'string' ? sshKey.exec(publicKey.trim())?.[1] : undefined;
      // A name that would end its field, or match others, is no name of a signer.
      if (typeof name !== 'string' || key === undefined || !/^[^\p{C}",*?!#\\]+$/u.test(name)) return;
      this.#holders.set(id, name);
      const line = `"${name}" namespaces="${receiptNamespace},${deaccessionNamespace}" ${key}\n`;
      if (!this.#signers.includes(line)) this.#signers.push(line);
    } else if (said.kind === 'seal.custody') {
      for (const role of ['from', 'to']) {
        this.#sign(said.refs?.[role], receiptNamespace, files['receipt'], files[`${role}Signature`]);
      }
    } else if (said.kind === 'seal.deaccession') {
      for (const [i, approver] of [said.refs?.['approvers'] ?? []].flat().entries()) {
        this.#sign(approver, deaccessionNamespace, files['text'], files[`approval${i + 1}`]);
      }
    }
  }

  #sign(holder: unknown, namespace: string, text?: FileCitation, signature?: FileCitation): void {
    const name = typeof holder === 'string' ? this.#holders.get(holder) : undefined;
    if (name !== undefined && text !== undefined && signature !== undefined) {
      this.#signed.push({ name, namespace, text, signature });
    }
  }

  /** Path -> bytes. `read` gives the bytes of a cited file, null where it is not there; then its anchor is left out. */
  async make(read: (file: FileCitation) => Promise<Uint8Array | null>): Promise<Map<string, Uint8Array>> {
    const { records, origin } = this.#card;
    const { checkpoints } = this.#periods.at(-1)!;
    const files = new Map<string, Uint8Array>([
      ['keys/checkpoint.vkey', utf8.encode(`${formatNoteKey(checkpoints)}\n`)],
      ['keys/checkpoint.pem', utf8.encode(publicKeyPem(checkpoints.raw))],
      ['keys/record.pem', utf8.encode(publicKeyPem(records.raw))],
    ]);
    // Where keys changed: all of them, each by the number of its change.
    for (const period of this.#periods.length > 1 ? this.#periods : []) {
      files.set(`keys/checkpoint-${period.n}.pem`, utf8.encode(publicKeyPem(period.checkpoints.raw)));
      files.set(`keys/record-${period.n}.pem`, utf8.encode(publicKeyPem(period.records.raw)));
    }
    if (this.#signers.length > 0) files.set('keys/allowed_signers', utf8.encode(this.#signers.join('')));
    for (const { path, file } of this.#anchors) {
      const der = await read(file);
      if (der !== null) files.set(path, utf8.encode(formatPem('CERTIFICATE', der)));
    }
    const tokens = [...this.#tokens].map(([authority, cited]) => ({ authority, ...cited }));
    const text = verifyText({ origin, tokens, signed: this.#signed, changes: this.#periods.length - 1 });
    return files.set('VERIFY.txt', utf8.encode(text));
  }
}
