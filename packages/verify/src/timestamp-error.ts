// Why a timestamp is refused (RFC 3161): a closed set of codes, and the one error that carries them.

/** Why a reply is refused: one code for each promise of a timestamp that can be broken. */
export const timestampCodes = [
  'timestamp-malformed',
  'timestamp-status',
  'timestamp-imprint',
  'timestamp-nonce',
  'timestamp-policy',
  'timestamp-signature',
  'timestamp-eku',
  'timestamp-untrusted',
  'timestamp-chain',
  'timestamp-not-valid-at-gentime',
  'timestamp-revoked',
] as const;
export type TimestampCode = (typeof timestampCodes)[number];

/** A reply, or a certificate, that is not what it should be. */
export class TimestampError extends Error {
  readonly code: TimestampCode;
  constructor(code: TimestampCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TimestampError';
    this.code = code;
  }
}
