// Each delivery with its own sum, why what was quarantined was, and where in it everything lay.
import type { ReactNode } from 'react';
import type { AccessionView } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { usePaged } from '../../parts/more.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Foreign, Literal, Path, Say } from '../../parts/text.tsx';
import { Code } from './problems.tsx';
import { Equation } from './reconciliation.tsx';

const linesAtOnce = 25;

function Breakdown({ lines }: { lines: AccessionView['breakdown'] }): ReactNode {
  const { m } = useLanguage();
  const [visible, foot] = usePaged(lines, linesAtOnce);
  const names = ['received', 'sealed', 'duplicate', 'quarantined'] as const;
  return (
    <details>
      <summary>
        {m.reconciliation.breakdown} (<Count n={lines.length} />)
      </summary>
      <Table
        label={m.reconciliation.breakdown}
        columns={[
          { title: m.reconciliation.place, kind: 'long' as const },
          ...names.map((name) => ({ title: m.reconciliation[name], kind: 'figure' as const })),
        ]}
        rows={visible.map((line) => ({
          key: `${line.path} ${String(line.archive)}`,
          cells: [
            line.archive ? (
              <Mark key="path" kind="archive">
                <Path>{line.path}</Path> <span className="soft">({m.reconciliation.archive})</span>
              </Mark>
            ) : line.path === '' ? (
              m.reconciliation.root
            ) : (
              <Path key="path">{line.path}</Path>
            ),
            ...names.map((name) => <Count key={name} n={line[name]} />),
          ],
        }))}
      />
      {foot}
    </details>
  );
}

/** One delivery, as an entry of a list. */
export function Accession({ accession }: { accession: AccessionView }): ReactNode {
  const { m } = useLanguage();
  const reasons = Object.entries(accession.quarantinedBy).toSorted((a, b) => b[1] - a[1]);
  return (
    <li>
      <h3>
        {m.reconciliation.accession} <Literal>{accession.handle}</Literal>
      </h3>
      <p className="facts soft">
        <span>
          {m.reconciliation.source}: <Foreign>{accession.source}</Foreign>
        </span>
        <span>
          {accession.record === null ? (
            m.reconciliation.unsigned
          ) : (
            <Say text={m.reconciliation.signed} n={<Count n={accession.record} />} />
          )}
        </span>
      </p>
      <Equation of={accession.reconciliation} closes={accession.closes} />
      {reasons.length > 0 && (
        <div className="verdict">
          <p className="soft small">{m.reconciliation.reasons}</p>
          <ul className="reasons">
            {reasons.map(([code, n]) => (
              <li key={code}>
                <span className="soft">
                  <Code code={code} />:
                </span>{' '}
                <Count n={n} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {accession.breakdown.length > 0 && <Breakdown lines={accession.breakdown} />}
    </li>
  );
}

export function Accessions({ accessions }: { accessions: readonly AccessionView[] }): ReactNode {
  const { m } = useLanguage();
  const [visible, foot] = usePaged(accessions, linesAtOnce);
  return (
    <Section title={m.reconciliation.accessions}>
      <ul className="accessions">
        {visible.map((accession) => (
          <Accession key={accession.handle} accession={accession} />
        ))}
      </ul>
      {foot}
    </Section>
  );
}
