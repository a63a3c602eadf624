// What people signed with keys of their own: that each receipt of custody, and each deaccession, says what its record says
// and bears the signatures of those it names. Only a sound deaccession explains that an original is not there.
import { toHex, sha256 } from '#engine';
import { equalBytes } from './merkle.ts';
import { FormatError } from './problem.ts';
import { deaccessionNamespace, parseDeaccession, parseReceipt, receiptNamespace, type Named } from './receipt.ts';
import { citedPath, filesOf, refsOf, type FileCitation, type RecordFields } from './record.ts';
import { checkSshSignature, parseSshKey, parseSshSignature, SshError, type SshKey } from './sshsig.ts';

export interface CustodyParts {
  /** The case's identifier. */
  case: string;
  read: (file: FileCitation) => Promise<Uint8Array | null>;
  /** Root (base64) at a size where a checkpoint was signed; null where it is not known. */
  rootAt: (size: number) => string | null;
}

export interface JudgedCustody {
  /** Signatures that hold. */
  signatures: number;
  problems: { record: number; message: string }[];
  /** Path of a file that was destroyed -> position of the record of it. */
  destroyed: ReadonlyMap<string, number>;
}

interface Seen {
  position: number;
  said: RecordFields;
}

interface Holder {
  /** Null where it is withheld, or is no text. */
  name: string | null;
  key: SshKey | null;
}

/** Gathers records while a check reads them, and judges at its end. One for each check. */
export class CustodyClaims {
  readonly #holders = new Map<string, Holder>();
  readonly #receipts: Seen[] = [];
  readonly #deaccessions: Seen[] = [];
  /** Id of an item -> the files that are its bytes: the original, and damaged states of it that were kept aside. */
  readonly #bytes = new Map<string, string[]>();

  see(position: number, id: string, said: RecordFields): void {
    switch (said.kind) {
      case 'seal.holder':
        this.#holders.set(id, { name: textOf(said['name']), key: keyOf(said['publicKey']) });
        break;
      case 'seal.custody':
        this.#receipts.push({ position, said });
        break;
      case 'seal.deaccession':
        this.#deaccessions.push({ position, said });
        break;
      case 'intake.item':
        this.#kept(id, said, 'original');
        break;
      case 'seal.restoration':
        this.#kept(one(said.refs?.['item']), said, 'damaged');
        break;
    }
  }

  /**
   * Whether a record shows all that judging it takes, as do those of the holders whom it cites. In a bundle something of it
   * may be withheld, and that is not the same as unsound.
   */
  isShown({ kind, ...said }: RecordFields): boolean {
    const custody = kind === 'seal.custody';
    const fields = custody ? ['event', 'when', 'why', 'refs', 'files'] : ['reason', 'count', 'refs', 'files'];
    const signatories = (custody ? ['from', 'to'] : ['approvers']).map((role) => said.refs?.[role] ?? []);
    const known = signatories.flat().every((id) => {
      const { name, key } = this.#holders.get(id) ?? { name: null, key: null };
      return name !== null && key !== null;
    });
    return fields.every((name) => Object.hasOwn(said, name)) && known;
  }

  #kept(item: string, said: RecordFields, role: string): void {
    const file = said.files?.[role];
    if (file !== undefined) this.#bytes.set(item, [...(this.#bytes.get(item) ?? []), citedPath(file)]);
  }

  async judge(parts: CustodyParts): Promise<JudgedCustody> {
    const problems: JudgedCustody['problems'] = [];
    const destroyed = new Map<string, number>();
    let signatures = 0;
    const attempt = async (record: number, check: () => Promise<number>): Promise<boolean> => {
      try {
        signatures += await check();
        return true;
      } catch (error) {
        if (!(error instanceof FormatError) && !(error instanceof SshError)) throw error;
        problems.push({ record, message: error.message });
        return false;
      }
    };
    for (const { position, said } of this.#receipts) {
      await attempt(position, () => this.#receipt(said, parts));
    }
    for (const { position, said } of this.#deaccessions) {
      let items: string[] = [];
      const sound = await attempt(position, async () => {
        items = await this.#items(said, parts);
        return this.#deaccession(said, items, parts);
      });
      if (!sound) continue;
      for (const path of items.flatMap((id) => this.#bytes.get(id) ?? [])) destroyed.set(path, position);
    }
    return { signatures, problems, destroyed };
  }

  async #receipt(said: RecordFields, parts: CustodyParts): Promise<number> {
    const bytes = await blob(said, 'receipt', parts);
    const receipt = parseReceipt(strict(bytes));
    state(receipt, parts);
    const from = this.#holder(one(said.refs?.['from']));
    const to = this.#holder(one(said.refs?.['to']));
    const about = refsOf({ about: said.refs?.['about'] ?? [] });
    const agrees =
      receipt.event === said['event'] &&
      receipt.when === said['when'] &&
      receipt.why === said['why'] &&
      sameIds(receipt.what, about) &&
      receipt.from.name === from.name &&
      receipt.from.key === from.key.fingerprint &&
      receipt.to.name === to.name &&
      receipt.to.key === to.key.fingerprint;
    if (!agrees) throw unsound('the receipt says something else than its record');
    for (const [role, { key }] of [
      ['fromSignature', from],
      ['toSignature', to],
    ] as const) {
      await signedBy(bytes, await blob(said, role, parts), key, receiptNamespace);
    }
    return 2;
  }

  /** Ids of the items that a deaccession speaks of, also where they are so many that they lie in a blob. */
  async #items(said: RecordFields, parts: CustodyParts): Promise<string[]> {
    const refs = await refsIn(said, parts);
    return refsOf({ items: refs['items'] ?? [] });
  }

  async #deaccession(said: RecordFields, items: readonly string[], parts: CustodyParts): Promise<number> {
    const bytes = await blob(said, 'text', parts);
    const text = parseDeaccession(strict(bytes));
    state(text, parts);
    if (text.reason !== said['reason'] || said['count'] !== items.length || !sameIds(text.items, items)) {
      throw unsound('the deaccession says something else than its record');
    }
    const refs = await refsIn(said, parts);
    const approvers = refsOf({ approvers: refs['approvers'] ?? [] }).map((id) => this.#holder(id));
    for (const [i, { key }] of approvers.entries()) {
      await signedBy(bytes, await blob(said, `approval${i + 1}`, parts), key, deaccessionNamespace);
    }
    const people = new Set(approvers.map(({ name }) => name));
    const keys = new Set(approvers.map(({ key }) => key.fingerprint));
    if (people.size < 2 || keys.size < 2) throw unsound('fewer than two people have approved of the deaccession');
    return approvers.length;
  }

  #holder(id: string): { name: string; key: SshKey } {
    const { name, key } = this.#holders.get(id) ?? { name: null, key: null };
    if (name === null || key === null) throw unsound('it cites no registered holder with a name and a key');
    return { name, key };
  }
}

const one = (ref: unknown): string => (typeof ref === 'string' ? ref : '');
const textOf = (said: unknown): string | null => (typeof said === 'string' ? said : null);

function keyOf(line: unknown): SshKey | null {
  try {
    return parseSshKey(String(line));
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    return null;
  }
}

async function refsIn(said: RecordFields, parts: CustodyParts): Promise<Record<string, unknown>> {
  if (said.files?.['value:refs'] === undefined) return said.refs ?? {};
  try {
    return JSON.parse(strict(await blob(said, 'value:refs', parts))) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unsound('its citations cannot be read');
  }
}

async function blob(said: RecordFields, role: string, { read }: CustodyParts): Promise<Uint8Array> {
  const file = filesOf({ files: said.files?.[role] === undefined ? {} : { [role]: said.files[role] } })[0];
  const bytes = file === undefined ? null : await read(file);
  if (file === undefined || bytes === null || toHex(sha256(bytes)) !== file.sha256) {
    throw unsound(`its file \`${role}\` is missing or altered`);
  }
  return bytes;
}

function strict(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unsound('it is not UTF-8');
  }
}

/** The text must be of this case, and of a state that this log was in. */
function state(text: { case: string; checkpoint: { size: number; root: string } }, parts: CustodyParts): void {
  if (text.case !== parts.case) throw unsound('the text is of another case');
  const root = parts.rootAt(text.checkpoint.size);
  if (root !== null && root !== text.checkpoint.root) throw unsound('the text names a checkpoint of another log');
}

function sameIds(named: readonly Named[], ids: readonly string[]): boolean {
  return named.length === ids.length && named.every(({ id }, i) => id === ids[i]);
}

/** Throws SshError unless the key signed just these bytes. */
async function signedBy(message: Uint8Array, armoured: Uint8Array, key: SshKey, namespace: string): Promise<void> {
  const signature = parseSshSignature(strict(armoured));
  if (!equalBytes(signature.key.blob, key.blob)) throw unsound('it is signed by another key than the one it names');
  await checkSshSignature(message, signature, { key, namespace });
}

function unsound(why: string): FormatError {
  return new FormatError('custody-unsound', why);
}
