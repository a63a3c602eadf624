// What was wrong with the evidence, by code, most frequent first.
import type { ReactNode } from 'react';
import type { CaseView } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count } from '../../parts/text.tsx';

/** A problem's code in words; a code that has none stands for itself. */
export function Code({ code }: { code: string }): ReactNode {
  const { m } = useLanguage();
  const words: string | undefined = Object.hasOwn(m.codes, code) ? m.codes[code as keyof typeof m.codes] : undefined;
  return words === undefined ? <code dir="ltr">{code}</code> : <span title={code}>{words}</span>;
}

export function Problems({ problems }: Pick<CaseView, 'problems'>): ReactNode {
  const { m } = useLanguage();
  return (
    <Section title={m.problems.title} lead={problems.length === 0 ? m.problems.nothing : m.problems.text}>
      {problems.length > 0 && (
        <Table
          label={m.problems.title}
          columns={[
            { title: m.problems.code },
            { title: m.problems.stage },
            { title: m.problems.count, kind: 'figure' },
          ]}
          rows={problems.map(({ code, stage, count }) => ({
            key: `${stage} ${code}`,
            cells: [<Code key="code" code={code} />, m.stages[stage], <Count key="count" n={count} />],
          }))}
        />
      )}
    </Section>
  );
}
