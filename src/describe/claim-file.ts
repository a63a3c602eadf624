// A file as a judge of claims is given it: where it was received, and its sealed bytes. Small ones are read whole.
import { open } from 'node:fs/promises';

export interface ClaimFile {
  role: string;
  /** As received, relative to the folder of the claim where it lies below. */
  path: string;
  /** E-00012; null of what is not sealed. */
  item: string | null;
  sha256: string | null;
  size: number | null;
  /** Where the sealed bytes lie; null where there are none to read: in quarantine, or destroyed. */
  at: string | null;
}

/** Its bytes; null where there are none to read, or more than the limit. */
export async function readSmall(file: ClaimFile | undefined, limit: number): Promise<Buffer | null> {
  if (file?.at == null || file.size === null || file.size > limit) return null;
  const handle = await open(file.at, 'r');
  try {
    // Never more than was sealed: the limit holds whatever the file became.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(file.size), 0, file.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** An object of JSON; null for anything else. */
export function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** A short text for a record: no NUL and no half pair, which the index does not take; null for what is no text. */
export const shortText = (value: unknown, limit = 500): string | null =>
  typeof value === 'string' && value !== ''
    ? value
        .slice(0, limit)
        .replaceAll('\0', '')
        .replace(/\p{Surrogate}/gu, '\ufffd')
    : null;
