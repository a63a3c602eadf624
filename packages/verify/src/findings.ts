// Collects what a check finds; never stops at the first.
import { toBase64 } from '#engine';
import { witnessedUntil, type JudgedCosignature } from './check-cosignatures.ts';
import { problemLimit, type CheckProgress, type Report, type ReportedContents, type TimestampJudge } from './files.ts';
import type { Checkpoint } from './note.ts';
import { FormatError, type ProblemCode } from './problem.ts';

export class Findings {
  readonly #report: Omit<Report, 'ok'>;
  readonly #progress: CheckProgress | undefined;

  constructor(kind: Report['kind'], progress?: CheckProgress) {
    const checked = { files: 0, bytes: 0, records: 0, signatures: 0, tiles: 0, checkpoints: 0, citations: 0 };
    this.#report = {
      kind,
      checkpoint: null,
      checked,
      problems: [],
      further: 0,
      notes: [],
      contents: null,
      timestamps: null,
      cosignatures: [],
      witnessed: null,
    };
    this.#progress = progress;
  }

  get kind(): Report['kind'] {
    return this.#report.kind;
  }

  count(what: keyof Report['checked'], by = 1): void {
    this.#report.checked[what] += by;
    if (what === 'files' || what === 'records') this.#progress?.(this.#report.checked);
  }

  problem(code: ProblemCode, where: string, message: string): void {
    if (this.#report.problems.length < problemLimit) this.#report.problems.push({ code, where, message });
    else this.#report.further++;
  }

  note(where: string, message: string): void {
    if (this.#report.notes.length < problemLimit) this.#report.notes.push({ where, message });
  }

  contents(contents: ReportedContents): void {
    this.#report.contents = contents;
  }

  /** Whether nothing was found wrong so far. */
  get sound(): boolean {
    return this.#report.problems.length === 0;
  }

  /** The tokens of time that hold; null where none could be judged. */
  get tokens(): NonNullable<Report['timestamps']>['tokens'] | null {
    return this.#report.timestamps?.tokens ?? null;
  }

  /** Runs a parse; what it refuses becomes a problem at `where`, and null. */
  attempt<T>(where: string, parse: () => T): T | null {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.problem(error.code, where, error.message);
      return null;
    }
  }

  /** The same, where reading comes between. */
  async attemptLong<T>(where: string, parse: () => Promise<T>): Promise<T | null> {
    try {
      return await parse();
    } catch (error) {
      return this.attempt<T>(where, () => {
        throw error;
      });
    }
  }

  /** What became of the tokens of time; `where` gives the place of a record. */
  timestamps(
    { judged, unchangedSince }: Awaited<ReturnType<TimestampJudge['judge']>>,
    where: (record: number) => string,
  ): void {
    for (const { record, problem } of judged) {
      if (problem !== null) this.problem(problem.code, where(record), problem.message);
    }
    const tokens = judged.flatMap(({ record, authority, checkpoint, timestamp, ended, coveredBy }) => {
      if (timestamp === null) return [];
      const { authority: subject, genTime, policy, validUntil } = timestamp;
      return [{ record, authority, subject, checkpoint, genTime, policy, validUntil, ended, coveredBy }];
    });
    this.#report.timestamps = { tokens, unchangedSince };
  }

  /** What became of the cosignatures by witnesses. */
  cosignatures(judged: readonly JudgedCosignature[], where: (record: number) => string): void {
    for (const { record, problem } of judged) {
      if (problem !== null) this.problem(problem.code, where(record), problem.message);
    }
    this.#report.cosignatures = judged.flatMap(({ record, witness, cosigner, checkpoint, time }) =>
      time === null ? [] : [{ record, witness, cosigner, checkpoint, time }],
    );
    this.#report.witnessed = witnessedUntil(judged);
  }

  finish(checkpoint: Checkpoint | null): Report {
    const report = this.#report;
    report.checkpoint =
      checkpoint === null
        ? null
        : { origin: checkpoint.origin, size: checkpoint.size, root: toBase64(checkpoint.root) };
    return { ok: report.problems.length === 0, ...report };
  }
}
