// The words of the vault, and of the people of a case. A record of the vault holds pseudonyms, guardians' working names,
// commitments and citations of ciphertexts; one of people holds random identifiers and working names. What identifies
// anyone is inside the ciphertexts alone.
import { z } from 'zod';
import { roles } from './roles.ts';
import { proofs } from './sessions.ts';

/** What is kept beside an identity, because it can give its source away. */
export const keptKinds = ['recording', 'transcript', 'consent', 'original'] as const;
export type KeptKind = (typeof keptKinds)[number];

/** A guardian as the log knows them. */
export const guardianEntry = z.object({
  /** A working name, for this case. */
  name: z.string(),
  /** The age recipient that their share is encrypted to. */
  recipient: z.string(),
  /** Number of their share, from 1. */
  number: z.number().int().min(1).max(255),
  /** SHA-256 (hex) of the text of their share, which holds a random salt. */
  commitment: z.string().regex(/^[0-9a-f]{64}$/),
});
export type GuardianEntry = z.infer<typeof guardianEntry>;

/** `kind: protect.vault`: whose key things are encrypted to from here on, and who opens it. */
export const vaultRecord = z.object({
  /** The vault's age recipient. */
  recipient: z.string(),
  /** How many guardians open it. */
  threshold: z.number().int().min(2).max(255),
  guardians: z.array(guardianEntry),
});

/**
 * `kind: protect.rotation`, `refs.previous`: a new key with new guardians; `files.keys`: the earlier keys of the vault,
 * encrypted to it.
 */
export const rotationRecord = vaultRecord;

/** `kind: protect.source`, `refs.vault`, `files.identity`: who a pseudonym is. A further one corrects the earlier. */
export const sourceRecord = z.object({ pseudonym: z.string() });

/** `kind: protect.kept`, `refs.vault`, `files.sealed`, `files.about`: its name, size and hash, encrypted as well. */
export const keptRecord = z.object({ pseudonym: z.string(), what: z.enum(keptKinds) });

/** `kind: protect.opening`, `refs.vault`, `refs.things`: the records whose contents may be decrypted. Written before. */
export const openingRecord = z.object({
  purpose: z.string(),
  /** Absent where only the key is needed, for a rotation. */
  pseudonym: z.string().optional(),
  /** Whose shares opened it. */
  guardians: z.array(z.string()),
});

/**
 * `kind: protect.member`: somebody of the case, what they may do, and later changes of it. The latest of a `member`
 * stands. Who it is, and what they sign in with, no record says.
 */
export const memberRecord = z.object({
  /** Random, of this case alone. */
  member: z.string().regex(/^[a-z2-7]{16}$/),
  /** Their working name: as `actor.name` in what they do. Never given to anybody else. */
  name: z.string().min(1).max(60),
  roles: z.array(z.enum(roles)),
  /** `here`; `gone`: their account was closed. */
  state: z.enum(['here', 'gone']),
});

/** `kind: protect.login`: somebody came in. From where is not said. */
export const loginRecord = z.object({ member: z.string(), how: z.enum(proofs) });

/** Why somebody looks at a picture. */
export const purposes = ['compare', 'category', 'condition', 'report', 'other'] as const;

/** `kind: protect.exposure`, `refs.item`: somebody was shown a picture. Written before a byte of it leaves. */
export const exposureRecord = z.object({
  purpose: z.enum(purposes),
  /** In colour, or in greys. */
  colour: z.boolean(),
  /** The longer side of what was shown at most, in pixels. */
  side: z.number().int().positive(),
  /** For how long it could be seen at most, in seconds. */
  seconds: z.number().int().positive(),
  /** Whether it was asked for a second time, as the case demands of some pictures. */
  confirmed: z.boolean(),
});
export type ExposureRecord = z.infer<typeof exposureRecord>;

/**
 * `kind: protect.search`: somebody searched. Written before the answer leaves. What was found follows from the words and from
 * the records before this one, and is counted alone; further pages of the same answer are no further records.
 */
export const searchRecord = z.object({
  /** As they were typed. */
  words: z.string(),
  /** What the answer was narrowed to. */
  narrowed: z.object({
    kinds: z.array(z.string()).optional(),
    source: z.string().optional(),
    category: z.string().optional(),
  }),
  /** Things; `more`: at least so many, and the oldest of them not looked at. */
  found: z.object({ count: z.number().int().nonnegative(), more: z.boolean() }),
});
export type SearchRecord = z.infer<typeof searchRecord>;

/**
 * `kind: protect.task`, `handle`, `refs.item` or `refs.individual` where it was asked about one: something that somebody of
 * the team is asked to do. A later record of the same handle replaces it. Its words are in no bundle.
 */
export const taskRecord = z.object({
  words: z.string().min(1).max(1000),
  /** A handle, or the name of a queue. */
  subject: z.string().max(40).nullable(),
  /** A working name; null: whoever comes first. */
  assignee: z.string().max(60).nullable(),
  state: z.enum(['open', 'done']),
});
export type TaskRecord = z.infer<typeof taskRecord>;
