// Status as a word and a shape: never by colour alone, and readable where colours are taken away.
import type { ReactNode } from 'react';

export type MarkKind = 'done' | 'working' | 'waiting' | 'problem' | 'broken' | 'accepted' | 'proposed' | 'archive';

const line = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.5,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

const shapes: Record<MarkKind, ReactNode> = {
  done: (
    <path
      fillRule="evenodd"
      fill="currentColor"
      d="M8 .75a7.25 7.25 0 1 0 0 14.5A7.25 7.25 0 0 0 8 .75Zm4.1 5.2-4.9 5.6a.8.8 0 0 1-1.18.02L3.8 9.2l1.15-1.05 1.65 1.75 4.3-4.95z"
    />
  ),
  working: (
    <>
      <circle cx="8" cy="8" r="6.5" {...line} />
      <path fill="currentColor" d="M8 4.25a3.75 3.75 0 0 1 0 7.5z" />
    </>
  ),
  waiting: <circle cx="8" cy="8" r="6.5" strokeDasharray="2 2.54" {...line} />,
  problem: (
    <>
      <path d="M8 1.75 15 14.25H1z" {...line} />
      <path d="M8 6.25v3.5M8 12v.1" {...line} />
    </>
  ),
  broken: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" {...line} />
      <path d="m5 5 6 6m0-6-6 6" {...line} />
    </>
  ),
  accepted: <path d="m2.5 8.5 3.75 4 7.25-9" {...line} strokeWidth={2} />,
  proposed: <path d="M8 3.5 12.5 8 8 12.5 3.5 8z" {...line} />,
  archive: <path d="M1.5 3.5h13v3h-13zM2.75 6.5h10.5v7H2.75zM6.25 9.25h3.5" {...line} />,
};

/** The shape alone; a word must stand beside it. */
export function Shape({ kind }: { kind: MarkKind }): ReactNode {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {shapes[kind]}
    </svg>
  );
}

/** A shape and its word. */
export function Mark({ kind, children }: { kind: MarkKind; children: ReactNode }): ReactNode {
  return (
    <span className={`mark ${kind}`}>
      <Shape kind={kind} />
      <span>{children}</span>
    </span>
  );
}
