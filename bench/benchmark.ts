// What a benchmark is: a name to pick it by, the room it needs, and figures that stand beside a peer and a target.
import type { Program } from './dalil.ts';
import type { Material } from './material.ts';
import type { Measure } from './measure.ts';

/** `quick` shows that everything runs, in tens of seconds; start-up weighs too much in it to judge a target by. */
export type Size = 'full' | 'quick';

/** One line of a table. */
export interface Figure {
  what: string;
  /** What was measured, with its unit. */
  ours: string;
  /** The same of the peer, in this run; null where there is none. */
  peer: string | null;
  /** Ours over the peer's (or over the limit); null where there is nothing to compare. */
  ratio: number | null;
  /** In words; null where the figure is given for information only. */
  target: string | null;
  /** null without a target, or where the peer is not installed. */
  met: boolean | null;
}

export interface Outcome {
  figures: Figure[];
  /** How it was measured, and what is and is not in it: sentences. */
  notes: string[];
}

/** What a benchmark works with. */
export interface Bench {
  size: Size;
  /** An empty folder of its own, removed afterwards. */
  folder: string;
  /** Runs one child process to its end and measures it. */
  measure: Measure;
  material: Material;
  /** Ours, warmed up. */
  program: Program;
  /** Peers that are there. */
  has(tool: string): boolean;
  say(text: string): void;
}

export interface Benchmark {
  name: string;
  title: string;
  /** Free bytes needed in the folder for temporary files, material included. */
  room: Record<Size, number>;
  run(bench: Bench): Promise<Outcome>;
}

/** Against a peer's value of the same unit: met where ours is at most `most` times as much. */
export function against(
  what: string,
  ours: number,
  peer: number | null,
  show: (value: number) => string,
  peerName: string,
  most?: number,
): Figure {
  const ratio = peer === null ? null : ours / peer;
  return {
    what,
    ours: show(ours),
    peer: peer === null ? `${peerName}: not installed` : `${peerName} ${show(peer)}`,
    ratio,
    target: most === undefined ? null : `at most ${most} times`,
    met: most === undefined || ratio === null ? null : ratio <= most,
  };
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
