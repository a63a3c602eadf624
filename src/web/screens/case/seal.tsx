// The seal: the checkpoint, what the word says, and what it does not say yet.
import type { ReactNode } from 'react';
import type { CaseView } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import { Section } from '../../parts/section.tsx';
import { Count } from '../../parts/text.tsx';

export function Seal({ checkpoint }: Pick<CaseView, 'checkpoint'>): ReactNode {
  const { m, time } = useLanguage();
  const { size, root, signedAt } = checkpoint;
  return (
    <Section title={m.seal.title} className="seal">
      <dl className="facts-list">
        <div>
          <dt>{m.seal.records}</dt>
          <dd>
            <Count n={size} />
          </dd>
        </div>
        <div>
          <dt>{m.seal.root}</dt>
          <dd>
            <code dir="ltr">{root}</code>
          </dd>
        </div>
        <div>
          <dt>{m.seal.signedAt}</dt>
          <dd>{signedAt === null ? m.seal.never : <bdi>{time(signedAt)}</bdi>}</dd>
        </div>
      </dl>
      <CopyButton text={`${String(size)} ${root}`} label={m.seal.copy} />
      <p>{m.seal.means}</p>
      <p className="soft">{m.seal.not}</p>
      <p className="soft">{m.seal.advice}</p>
    </Section>
  );
}
