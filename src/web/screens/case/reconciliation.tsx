// The reconciliation as the sum it is: received = sealed + duplicates + quarantined.
import type { ReactNode } from 'react';
import type { Reconciliation } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Section } from '../../parts/section.tsx';
import { Count, Say } from '../../parts/text.tsx';

/** By how much the two sides differ; 0 where it closes. */
export function gap({ received, sealed, duplicate, quarantined }: Reconciliation): number {
  return Math.abs(received - sealed - duplicate - quarantined);
}

/** The sum, and in a word and a shape whether it closes. */
export function Equation({
  of,
  closes,
  large = false,
}: {
  of: Reconciliation;
  closes: boolean;
  large?: boolean;
}): ReactNode {
  const { m } = useLanguage();
  const terms = [
    { sign: '', name: 'received' },
    { sign: '=', name: 'sealed' },
    { sign: '+', name: 'duplicate' },
    { sign: '+', name: 'quarantined' },
  ] as const;
  return (
    <div className="sum">
      <dl className={large ? 'equation large' : 'equation'}>
        {terms.map(({ sign, name }) => (
          <div key={name} className={name === 'received' ? 'total' : 'term'} data-sign={sign}>
            <dt>{m.reconciliation[name]}</dt>
            <dd>
              <Count n={of[name]} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="verdict">
        <Mark kind={closes ? 'done' : 'broken'}>{closes ? m.reconciliation.closes : m.reconciliation.open}</Mark>
      </p>
    </div>
  );
}

export function Reconciled({
  reconciliation,
  destroyed,
}: {
  reconciliation: Reconciliation;
  destroyed: Readonly<Record<string, number>>;
}): ReactNode {
  const { m } = useLanguage();
  const difference = gap(reconciliation);
  const gone = Object.values(destroyed).reduce((sum, n) => sum + n, 0);
  return (
    <Section title={m.reconciliation.title} lead={m.reconciliation.text} className="wide">
      <Equation of={reconciliation} closes={difference === 0} large />
      {difference > 0 && (
        <p className="verdict">
          <Say text={m.reconciliation.gap} n={<Count n={difference} />} />
        </p>
      )}
      {gone > 0 && (
        <p className="verdict">
          <Mark kind="broken">
            <Say text={m.reconciliation.destroyed} n={<Count n={gone} />} />
          </Mark>
        </p>
      )}
    </Section>
  );
}
