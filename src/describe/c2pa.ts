// C2PA manifests (Content Credentials) inside pictures, videos, sounds and PDFs, by the library of the standard's makers, as
// WebAssembly. It may fetch nothing: manifests at addresses, revocations and lists of trust stay unasked, thrice over.
import { open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { readSmall, shortText, type ClaimFile } from './claim-file.ts';
import { claimValues } from './claim-values.ts';
import {
  checked,
  unchecked,
  type Check,
  type Judgement,
  type ProvenanceSettings,
  type Signer,
} from './provenance-records.ts';

/** Of a description box: the type of a manifest store, whatever format it lies in. */
const manifestType = Buffer.from('6332706100110010800000aa00389b71', 'hex');
/** In XMP, the address of a manifest that lies elsewhere. */
const remoteMark = Buffer.from('dcterms:provenance');

/**
 * Whether the bytes hold a manifest, or point to one: by its marks, 1 ms for a JPEG, of which only what lies before the
 * picture data is read; all of other formats.
 */
export async function hasManifest(path: string, format: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const chunk = Buffer.alloc(1 << 18);
    let before = Buffer.alloc(0);
    let header = Buffer.alloc(0);
    for (let at = 0; ;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return false;
      at += bytesRead;
      const piece = Buffer.concat([before, chunk.subarray(0, bytesRead)]);
      if (piece.includes(manifestType) || piece.includes(remoteMark)) return true;
      if (format === 'image/jpeg' && header.length < 16 << 20) {
        header = Buffer.concat([header, chunk.subarray(0, bytesRead)]);
        if (startsScan(header)) return false;
      }
      before = Buffer.from(piece.subarray(-manifestType.length - remoteMark.length));
    }
  } finally {
    await file.close();
  }
}

/** Whether the segments of a JPEG up to its picture data are all here. */
function startsScan(bytes: Buffer): boolean {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xda || marker === 0xd9) return true;
    if (marker === 0xff) at++;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return false;
}

/** Nothing of the file, of the library's own, or of ours decides whom to trust; nothing is fetched. */
const librarySettings = JSON.stringify({
  verify: {
    verify_after_reading: true,
    verify_trust: true,
    verify_timestamp_trust: true,
    ocsp_fetch: false,
    remote_manifest_fetch: false,
  },
  trust: { user_anchors: null, trust_anchors: null, trust_config: null, allowed_list: null },
  core: { allowed_network_hosts: [], max_decompressed_manifest_size_in_mb: 32 },
});

type Library = typeof import('@contentauth/c2pa-wasm');
let loading: Promise<Library> | undefined;

/** The library, 90 ms once in a thread. It reaches the network through the thread's `fetch` alone, which is taken away. */
async function load(): Promise<Library> {
  const library = await import('@contentauth/c2pa-wasm');
  const wasm = createRequire(import.meta.url).resolve('@contentauth/c2pa-wasm/c2pa.wasm');
  library.initSync({ module: await readFile(wasm) });
  return library;
}

/** To be called once in the thread that judges: from then on nothing in it fetches. */
export function refuseToFetch(): void {
  const refuse = (): never => {
    throw new Error('Nothing is fetched.');
  };
  for (const name of ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'])
    Object.defineProperty(globalThis, name, { value: refuse, writable: false, configurable: false });
}

interface Status {
  code?: unknown;
  explanation?: unknown;
}
interface Store {
  active_manifest?: string;
  manifests?: Record<string, Manifest>;
  validation_state?: unknown;
  validation_results?: {
    activeManifest?: { success?: Status[]; informational?: Status[]; failure?: Status[] };
    ingredientDeltas?: { validationDeltas?: { failure?: Status[] } }[];
  };
}
interface Manifest {
  claim_generator?: unknown;
  claim_generator_info?: unknown;
  title?: unknown;
  format?: unknown;
  ingredients?: { format?: unknown; relationship?: unknown }[];
  assertions?: { label?: unknown; data?: { actions?: Record<string, unknown>[] } }[];
  signature_info?: Record<string, unknown>;
}

/** Judges the manifest of one item; null where it has none after all. Throws WebAssembly.RuntimeError where the library broke. */
export async function judgeC2pa(
  file: ClaimFile,
  format: string,
  { assetLimit, rawLimit }: ProvenanceSettings,
): Promise<Judgement | null> {
  const judged = (checks: Check[], values: Record<string, unknown> = {}): Judgement => ({
    software: null,
    created: null,
    checks,
    signers: [],
    claims: claimValues(values, rawLimit),
    parts: [],
    captures: { count: 0, listed: [] },
  });
  const bytes = await readSmall(file, assetLimit);
  if (bytes === null) return judged([unchecked('manifest', 'The file is larger than the limit, so it was not read.')]);
  const library = await (loading ??= load());
  let store: Store;
  try {
    const reader = await library.WasmReader.fromBytes(format, bytes, librarySettings);
    try {
      store = JSON.parse(reader.json()) as Store;
    } finally {
      reader.free();
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    // A trap leaves the library's memory in no state to go on with: its thread ends on it.
    if (error instanceof WebAssembly.RuntimeError) throw error;
    const [, kind = '', detail = ''] = /^C2pa\((\w+)(?:\((.*)\))?\)$/s.exec(said) ?? [];
    if (kind === 'JumbfNotFound' || kind === 'ProvenanceMissing') return null;
    if (kind === 'RemoteManifestUrl')
      return judged([unchecked('manifest', 'It lies at an address, which is not asked.')], {
        remote: detail.replace(/^"|"$/g, ''),
      });
    if (kind === 'UnsupportedType') return judged([unchecked('manifest', 'It cannot be read in this format.')]);
    return judged([checked('manifest', false, `It cannot be read${kind === '' ? '' : ` (${kind})`}.`)]);
  }
  return { ...judged(checksOf(store), valuesOf(store)), ...makerOf(store), signers: signersOf(store) };
}

const activeOf = (store: Store): Manifest => store.manifests?.[store.active_manifest ?? ''] ?? {};

/**
 * Every code of the standard once, in the library's words. What it calls trusted is left unchecked: it has no list of
 * ours, and one for old timestamps of its own.
 */
function checksOf({ validation_state: state, validation_results: results }: Store): Check[] {
  const { success = [], informational = [], failure = [] } = results?.activeManifest ?? {};
  const checks = new Map<string, Check>();
  const add = (said: readonly Status[], stateOf: (code: string) => Check['state']): void => {
    for (const { code, explanation } of said) {
      const what = shortText(code, 100) ?? 'unnamed';
      // An explanation may quote the file: only what is not a name of its own is kept.
      const words = (shortText(explanation, 200) ?? '').split(/:|, name/)[0]!.trim();
      const state = stateOf(what);
      const trust = what.endsWith('trusted') ? ': there is no list of trusted signers here' : '';
      const already = checks.get(what);
      if (already === undefined || already.state === 'holds')
        checks.set(what, { what, state, why: `${words === '' ? what : words}${trust}.` });
    }
  };
  add(success, (code) => (code.endsWith('.trusted') ? 'not-checked' : 'holds'));
  add(informational, (code) => (/mismatch|malformed|invalid/i.test(code) ? 'fails' : 'not-checked'));
  add(failure, (code) => (code.endsWith('.untrusted') ? 'not-checked' : 'fails'));
  const ingredients = (results?.ingredientDeltas ?? []).flatMap(
    ({ validationDeltas }) => validationDeltas?.failure ?? [],
  );
  if (ingredients.length > 0)
    checks.set('ingredients', checked('ingredients', false, 'Something fails in a manifest of what it was made from.'));
  if (checks.size === 0)
    return [unchecked('manifest', `The library says no more than: ${shortText(state, 50) ?? 'nothing'}.`)];
  return [...checks.values()];
}

/** What the manifest says, without its assertions' contents: those are where names stand. */
function valuesOf(store: Store): Record<string, unknown> {
  const {
    title,
    format,
    claim_generator_info: generators,
    ingredients = [],
    assertions = [],
    signature_info,
  } = activeOf(store);
  const actions = assertions.flatMap(({ data }) => (Array.isArray(data?.actions) ? data.actions : []));
  return {
    title,
    format,
    generators,
    manifests: Object.keys(store.manifests ?? {}).length,
    actions: actions.slice(0, 32).map(({ action, when, softwareAgent, digitalSourceType }) => {
      return { action, when, softwareAgent, digitalSourceType };
    }),
    actionCount: actions.length,
    ingredientCount: ingredients.length,
    ingredients: ingredients.slice(0, 32).map(({ format: of, relationship }) => ({ format: of, relationship })),
    assertions: assertions.slice(0, 32).map(({ label }) => label),
    algorithm: signature_info?.['alg'],
    state: store.validation_state,
  };
}

function makerOf(store: Store): Pick<Judgement, 'software' | 'created'> {
  const { claim_generator: generator, claim_generator_info: info, assertions = [] } = activeOf(store);
  const [first] = Array.isArray(info) ? (info as { name?: unknown; version?: unknown }[]) : [];
  const named = [first?.name, first?.version].filter((part) => typeof part === 'string').join(' ');
  const made = assertions.flatMap(({ data }) => (Array.isArray(data?.actions) ? data.actions : []));
  const created = made.find(({ action }) => action === 'c2pa.created')?.['when'];
  return { software: shortText(generator) ?? shortText(named), created: shortText(created, 100) };
}

function signersOf(store: Store): Signer[] {
  const { signature_info: info } = activeOf(store);
  if (info === undefined) return [];
  return [
    {
      form: 'c2pa',
      key: shortText(info['cert_serial_number'], 100),
      name: shortText(info['issuer'], 200),
      signed: null,
      stamped: shortText(info['time'], 100),
    },
  ];
}
