// Figures and words that are not ours: numbers keep their direction inside Arabic, a name keeps its own.
import { Fragment } from 'react';
import type { ReactNode } from 'react';
import type { Plural } from '../messages/plural.ts';
import { fill, useLanguage } from '../language.tsx';

/** A count, as the language groups it. */
export function Count({ n }: { n: number }): ReactNode {
  return <bdi>{useLanguage().number(n)}</bdi>;
}

/** A phrase that goes with a count; what else it names is filled in too. */
export function Counted({
  phrase,
  n,
  ...parts
}: { phrase: Plural; n: number } & Record<string, ReactNode | Plural>): ReactNode {
  const { form } = useLanguage();
  return <>{fill(form(phrase, n), { n: <Count n={n} />, ...(parts as Record<string, ReactNode>) })}</>;
}

/** A template of the messages, its parts filled in. */
export function Say({ text, ...parts }: { text: string } & Record<string, ReactNode>): ReactNode {
  return <>{fill(text, parts)}</>;
}

/** Text from the evidence or the case, in whatever script: isolated, its direction its own. */
export function Foreign({ children }: { children: string }): ReactNode {
  return <bdi dir="auto">{children}</bdi>;
}

/** A handle, number, hash or command: always left to right. */
export function Literal({ children }: { children: string }): ReactNode {
  return <bdi dir="ltr">{children}</bdi>;
}

/** A path: read from left to right, each of its names in a direction of its own. */
export function Path({ children }: { children: string }): ReactNode {
  return (
    <bdi dir="ltr">
      {children.split('/').map((name, index) => (
        // A path's parts have no other identity than their place.
        <Fragment key={`${String(index)} ${name}`}>
          {index > 0 && '/'}
          <Foreign>{name}</Foreign>
        </Fragment>
      ))}
    </bdi>
  );
}
