// The words of time: whom a case trusts to tell it, and what they said. Settings are records, so that who trusted whom
// when is itself under a checkpoint.
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
