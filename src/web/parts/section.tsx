// A section of a page: a heading, a sentence that says what is counted, the content.
import { useId } from 'react';
import type { ReactNode } from 'react';

interface SectionParts {
  title: string;
  lead?: ReactNode;
  /** Further class names: `wide` takes the page's whole width. */
  className?: string;
  children: ReactNode;
}

export function Section({ title, lead, className = '', children }: SectionParts): ReactNode {
  const id = useId();
  return (
    <section className={`section ${className}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lead !== undefined && <p className="lead">{lead}</p>}
      {children}
    </section>
  );
}
