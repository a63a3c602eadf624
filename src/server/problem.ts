// Errors of the HTTP API as problem+json (RFC 9457): the same closed set of codes as the command line's Fault.
import { Fault } from '../case/fault.ts';
import type { FaultCode, FaultParts } from '../case/fault.ts';
import { TooMany } from '../protect/attempts.ts';
import type { ProblemBody } from './schemas.ts';

/** The HTTP status that a fault leads to where the route says no other. */
export const faultStatus: Record<FaultCode, number> = {
  fault: 500,
  usage: 400,
  conflict: 409,
  'not-closed': 409,
  'disk-full': 507,
  'not-writable': 500,
  'port-taken': 500,
  'database-unavailable': 503,
  'input-unreadable': 500,
  'case-exists': 409,
  'case-damaged': 500,
  'index-foreign': 500,
  'no-case': 404,
  locked: 423,
  'wrong-key': 403,
  'no-permission': 403,
  cancelled: 503,
};

/** A Fault that the API answers with a status, and a reason to act on, of its own. */
export class Refusal extends Fault {
  readonly status: number;
  readonly reason: string | undefined;
  constructor(status: number, code: FaultCode, parts: FaultParts, reason?: string) {
    super(code, parts);
    this.status = status;
    this.reason = reason;
  }
}

/** Nobody is signed in, and somebody has to be. */
export const notSignedIn = (): Refusal =>
  new Refusal(401, 'no-permission', { what: 'This needs somebody who is signed in.', next: 'sign in' }, 'sign-in');

/** An error as the body of an answer. Of what is not a Fault nothing is told: its message may hold anything. */
export function problemOf(error: unknown, status?: number): ProblemBody {
  const refusal = error instanceof Refusal ? error : null;
  if (!(error instanceof Fault)) {
    return {
      type: 'urn:dalil:fault:fault',
      title: 'Something went wrong in the program.',
      status: status ?? 500,
      code: 'fault',
      next: 'run `dalil status` in a terminal: it says what is wrong',
    };
  }
  const lines = error.message.split('\n');
  const next = lines.find((line) => line.startsWith('  next: '));
  const detail = lines
    .slice(1)
    .filter((line) => line !== next)
    .map((line) => line.trim())
    .join('; ');
  return {
    type: `urn:dalil:fault:${error.code}`,
    title: lines[0] ?? error.code,
    status: status ?? refusal?.status ?? (error instanceof TooMany ? 429 : faultStatus[error.code]),
    code: error.code,
    ...(detail !== '' && { detail }),
    ...(refusal?.reason !== undefined && { reason: refusal.reason }),
    ...(next !== undefined && { next: next.slice('  next: '.length) }),
  };
}

/** The answer itself. */
export function problemResponse(error: unknown, status?: number): Response {
  const body = problemOf(error, status);
  return new Response(`${JSON.stringify(body)}\n`, {
    status: body.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(error instanceof TooMany && { 'retry-after': String(Math.ceil(error.wait / 1000)) }),
    },
  });
}
