// The words of sealing: whom a case trusts to tell the time or to watch its log, who held what, whether originals are sound, and which were
// destroyed. Settings are records, so that who trusted whom when is itself under a checkpoint.
import { custodyEvents, destructionReasons } from '@dalil/verify';
import { z } from 'zod';

/** `kind: seal.authority`; `files.anchor1`…: certificates trusted without proof, DER. A later one of the name replaces it. */
export const authorityRecord = z.object({
  /** Lower-case letters, digits and hyphens: it becomes part of published file names. */
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/),
  url: z.string(),
  /** Object identifier of the policy to ask for; null for the authority's own choice. */
  policy: z.string().nullable(),
  /** Where revocation lists are fetched with each token. Addresses inside certificates are never followed. */
  revocations: z.array(z.string()),
  withdrawn: z.boolean(),
});
export type AuthorityRecord = z.infer<typeof authorityRecord>;

/**
 * `kind: seal.timestamp`; `refs.authority`; `files.reply`: the full RFC 3161 reply, `files.checkpoint`: the signed
 * checkpoint it is over, `files.revocation1`…: revocation lists as of then, DER.
 */
export const timestampRecord = z.object({
  /** The authority's name, as its record had it. */
  authority: z.string(),
  checkpoint: z.object({ size: z.number().int(), root: z.string() }),
  token: z.object({
    genTime: z.string(),
    /** Hex. */
    serial: z.string(),
    policy: z.string(),
    /** Hex, as it was sent. */
    nonce: z.string(),
    /** Of the certificate that signed. */
    subject: z.string(),
    /** When the first certificate of its chain ends. */
    validUntil: z.string(),
  }),
});
export type TimestampRecord = z.infer<typeof timestampRecord>;

/** `kind: seal.holder`: somebody who can hold the case or a part of it, by a working name. A later one of the name replaces it. */
export const holderRecord = z.object({
  name: z.string(),
  /** Type and base64, as in a `.pub` file. */
  publicKey: z.string(),
  note: z.string().nullable(),
});
export type HolderRecord = z.infer<typeof holderRecord>;

/** `kind: seal.claimed-custody`, `refs.accession`: who is said to have held a delivery before it was received. */
export const claimedCustodyRecord = z.object({
  holder: z.string(),
  /** As precise as is known: a year, a month, a day, an instant; null: unknown. */
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** Who says so. */
  by: z.string(),
  how: z.string().nullable(),
});

/**
 * `kind: seal.custody`, `refs.from`, `refs.to`: the holders' records, `refs.about`: accessions and items, absent for the
 * whole case; `files.receipt`, and its SSHSIG signatures `files.fromSignature`, `files.toSignature`.
 */
export const custodyRecord = z.object({
  event: z.enum(custodyEvents),
  /** When it was handed over, by both signatories' word. */
  when: z.string(),
  from: z.string(),
  to: z.string(),
  why: z.string(),
  /** Handles of what `refs.about` cites, or `case`. */
  covers: z.array(z.string()),
});

/** `kind: seal.fixity`, `refs.damaged`, `refs.missing`: originals read again. One record for each batch, not for each item. */
export const fixityRecord = z.object({
  checked: z.number().int(),
  /** Bytes read. */
  bytes: z.number().int(),
  /** Numbers of the E-handles that were checked, as stretches from first to last. */
  items: z.array(z.tuple([z.number().int(), z.number().int()])),
  /** Handles. */
  damaged: z.array(z.string()),
  missing: z.array(z.string()),
});

/**
 * `kind: seal.restoration`, `refs.item`; `files.original`: what stands there again; `files.damaged`: the altered bytes
 * that stood there, kept as a derivative.
 */
export const restorationRecord = z.object({
  item: z.string(),
  was: z.enum(['damaged', 'missing']),
  /** What the sound bytes came from. */
  from: z.enum(['case', 'bundle']),
});

/** `kind: seal.deaccession`, `refs.items`, `refs.approvers` (holders); `files.text`, and `files.approval1`… over it. */
export const deaccessionRecord = z.object({
  reason: z.enum(destructionReasons),
  count: z.number().int(),
  why: z.string(),
  approvals: z.array(z.object({ holder: z.string(), key: z.string() })),
  /** Archives in which bytes of the items stay. */
  remains: z.array(z.string()),
});

/** `kind: seal.witness`. A later one of the name replaces it. */
export const witnessRecord = z.object({
  /** Lower-case letters, digits and hyphens: it becomes part of published file names. */
  name: authorityRecord.shape.name,
  /** C2SP verifier key of type 0x04: an Ed25519 key for cosignatures, with the witness's own name. */
  key: z.string(),
  withdrawn: z.boolean(),
});
export type WitnessRecord = z.infer<typeof witnessRecord>;

/**
 * `kind: seal.cosignature`; `refs.witness`; `files.checkpoint`: the signed checkpoint it is over, `files.cosignature`: the
 * signature line.
 */
export const cosignatureRecord = z.object({
  /** The witness's name, as its record had it. */
  witness: z.string(),
  checkpoint: z.object({ size: z.number().int(), root: z.string() }),
  /** By the witness's clock, RFC 3339 in seconds. */
  time: z.string(),
});
export type CosignatureRecord = z.infer<typeof cosignatureRecord>;

/**
 * `kind: seal.keys`; `refs.previous`: the record that brought the keys until now (`case.opened` for the first). Alone in
 * its commit, whose checkpoint is signed by old and new key; from the next record on the new keys sign.
 */
export const keysRecord = z.object({
  /** The raw public key, base64url. */
  recordKey: z.string(),
  /** A signed-note verifier key. */
  checkpointKey: z.string(),
  reason: z.string().nullable(),
});

export const revocationReasons = ['compromised', 'lost', 'superseded'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/** `kind: seal.revocation`; `refs.keys`: the record that brought the keys. A later one for the same keys replaces it. */
export const revocationRecord = z.object({
  /** 0 for the keys of case.json, n for those of the n-th change; never those in force. */
  key: z.number().int().nonnegative(),
  reason: z.enum(revocationReasons),
  /** Since when they were in other hands, as far as it is known: a day, or a moment in UTC. */
  since: z.string().nullable(),
});
export type RevocationRecord = z.infer<typeof revocationRecord>;
