// The one error class of the house. A Fault is a broken promise of the program or its surroundings; bad evidence is
// a record with a Problem, and a broken seal is an exit code of `verify`, never a Fault.

/** The closed set of fault codes, each with the process exit code it leads to. */
export const faultExitCodes = {
  fault: 1,
  usage: 2,
  conflict: 1,
  'not-closed': 1,
  'disk-full': 1,
  'not-writable': 1,
  'port-taken': 1,
  'database-unavailable': 1,
  'input-unreadable': 1,
  'case-exists': 2,
  'case-damaged': 4,
  'index-foreign': 1,
  'no-case': 10,
  locked: 11,
  'wrong-key': 12,
  'no-permission': 12,
  cancelled: 130,
} as const;

export type FaultCode = keyof typeof faultExitCodes;

export interface FaultParts {
  /** What went wrong, as one sentence without a name, a hash or any content of evidence. */
  what: string;
  expected?: string;
  got?: string;
  /** The next command or act, in the imperative. */
  next?: string;
  cause?: unknown;
}

/** A broken promise. `message` says what, expected, got, and what to do next. */
export class Fault extends Error {
  readonly code: FaultCode;
  constructor(code: FaultCode, parts: FaultParts) {
    const lines = [parts.what];
    if (parts.expected !== undefined) lines.push(`  expected: ${parts.expected}`);
    if (parts.got !== undefined) lines.push(`  got: ${parts.got}`);
    if (parts.next !== undefined) lines.push(`  next: ${parts.next}`);
    super(lines.join('\n'), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'Fault';
    this.code = code;
  }
  get exitCode(): number {
    return faultExitCodes[this.code];
  }
}

/** Turns the system's own errors into Faults that say what to do: ENOSPC, EACCES, EROFS, EADDRINUSE. Others pass unchanged. */
export function asFault(error: unknown, doing: string): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Fault('disk-full', {
        what: `The disk is full (while ${doing}).`,
        next: 'free some space and run the same command again: it goes on where it stopped',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Fault('not-writable', {
        what: `No permission to read or write here (while ${doing}).`,
        next: 'check the owner and the mode of the folder, or choose another one',
        cause: error,
      });
    default:
      return error;
  }
}
