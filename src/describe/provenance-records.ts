// The words of what other tools claimed about files before they came here: whose claim it is, each check of it with its
// outcome, and the claim itself, kept raw. docs/formats/provenance.md.
import { z } from 'zod';
import type { Json } from '../case/json.ts';

export const provenanceTool = 'dalil-provenance';

export const claimSystems = ['proofmode', 'tella', 'wacz', 'c2pa'] as const;
export type ClaimSystem = (typeof claimSystems)[number];

export const provenanceSettingsSchema = z.object({
  /** Files of a proof, and C2PA assets, of more bytes are not read. */
  textLimit: z.number().int().positive(),
  assetLimit: z.number().int().positive(),
  /** Files that a package may list, and captures of it that are written down; the others are counted. */
  fileLimit: z.number().int().positive(),
  captureLimit: z.number().int().positive(),
  /** Bytes of a web archive, unpacked, that are read. */
  warcLimit: z.number().int().positive(),
  /** Characters of raw claims that are kept. */
  rawLimit: z.number().int().positive(),
  /** Milliseconds that one claim may take. */
  timeLimit: z.number().int().positive(),
});
export type ProvenanceSettings = z.infer<typeof provenanceSettingsSchema>;

export const defaultProvenanceSettings: ProvenanceSettings = {
  textLimit: 1 << 20,
  assetLimit: 256 << 20,
  fileLimit: 10_000,
  captureLimit: 1000,
  warcLimit: 2 ** 36,
  rawLimit: 32_768,
  timeLimit: 600_000,
};

/** Goes up whenever the same files may be judged otherwise. */
export const provenanceVersion = '1';

const text = z.string().nullable();

export const checkStates = ['holds', 'fails', 'not-checked'] as const;
export type CheckState = (typeof checkStates)[number];
export const checkSchema = z.object({
  /** What was looked at. Of C2PA, the code of the standard (`claimSignature.validated`). */
  what: z.string(),
  state: z.enum(checkStates),
  /** A sentence, without names and hashes. */
  why: z.string(),
});
export type Check = z.infer<typeof checkSchema>;

/** Whoever signed. Nobody vouches for any of them: there is no list of trusted signers here. */
export const signerSchema = z.object({
  form: z.enum(['openpgp', 'ecdsa', 'certificate', 'c2pa']),
  /** Fingerprint of the key: of OpenPGP its own, else SHA-256 of the public key or the certificate's serial number. */
  key: text,
  /** A domain or an organisation, as it says; names of people are left out. */
  name: text,
  /** When it was signed, as it says, and the time that an outside authority signed, where one did. */
  signed: text,
  stamped: text,
});
export type Signer = z.infer<typeof signerSchema>;

/** same: it has the stated hash; unstated: none is stated, or one of another kind. */
export const fileOutcomes = ['same', 'differs', 'missing', 'not-sealed', 'unstated', 'unlisted'] as const;
export const claimedFileSchema = z.object({
  role: z.string(),
  /** As the claim names it; where it names none, where the file was received. */
  path: z.string(),
  stated: text,
  /** The item that was found (E-00012), whatever its hash; null where there is none. */
  item: text,
  outcome: z.enum(fileOutcomes),
});
export type ClaimedFile = z.infer<typeof claimedFileSchema>;

export const captureSchema = z.object({
  /** As text: it is never asked. */
  url: z.string(),
  time: text,
  status: z.number().int().nullable(),
  type: text,
});
export type Capture = z.infer<typeof captureSchema>;

const rawJson = z.custom<Record<string, Json>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/**
 * `kind: describe.provenance`. `refs.item`: the item that makes the claim (a picture with its manifest inside, a proof, the
 * description of a package); `refs.items`: those that it is about.
 */
export const provenanceRecord = z.object({
  observation: z.object({
    tool: z.literal(provenanceTool),
    version: z.string(),
    settings: provenanceSettingsSchema,
    /** Of the files that it was judged from, so that it is judged again when one more arrives; null of a single item. */
    inputs: text,
  }),
  source: z.object({
    system: z.enum(claimSystems),
    /** Receipt of the claim, of this place (E- or D-); the item's own where it stands in the file. */
    receipt: z.string(),
    path: z.string(),
    software: text,
    /** When it was made, as it says. */
    created: text,
  }),
  checks: z.array(checkSchema),
  signers: z.array(signerSchema),
  claims: z.object({ values: rawJson, cut: z.boolean(), withheld: z.array(z.string()) }),
  /** The files that the claim is made of, and those that it names. */
  parts: z.array(claimedFileSchema),
  captures: z.object({ count: z.number().int().nonnegative(), listed: z.array(captureSchema) }),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type ProvenanceRecord = z.infer<typeof provenanceRecord>;

/** `kind: describe.provenance-search`. That claims were looked for, and among what: cumulative, the latest stands. */
export const provenanceSearchRecord = z.object({
  observation: z.object({
    tool: z.literal(provenanceTool),
    version: z.string(),
    settings: provenanceSettingsSchema,
  }),
  /** Every receipt up to this position of the log. */
  through: z.number().int(),
  /** Pictures, videos, sounds and PDFs in which a manifest was looked for. */
  searched: z.number().int().nonnegative(),
  /** Claims that stand, by system. */
  found: z.record(z.string(), z.number().int().nonnegative()),
});

/** What a judge of claims says: a record without what the pass adds. */
export type Judgement = Omit<ProvenanceRecord, 'observation' | 'source' | 'problems'> & {
  software: string | null;
  created: string | null;
};

/** `otherwise`: why it fails, where that is not said by `why` too. */
export const checked = (what: string, holds: boolean, why: string, otherwise = why): Check => ({
  what,
  state: holds ? 'holds' : 'fails',
  why: holds ? why : otherwise,
});
export const unchecked = (what: string, why: string): Check => ({ what, state: 'not-checked', why });
