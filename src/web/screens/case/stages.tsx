// The stages as one line: how far each is, in words and shapes, and the command that goes on.
import type { ReactNode } from 'react';
import type { CaseView, StageLine } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { Command } from '../../parts/copy.tsx';
import { Mark, Shape } from '../../parts/marks.tsx';
import { Section } from '../../parts/section.tsx';
import { Count, Counted, Say } from '../../parts/text.tsx';

/** How far a stage is. */
export function stageState({ done, pending }: StageLine): 'done' | 'working' | 'waiting' | 'idle' {
  if (pending > 0) return done > 0 ? 'working' : 'waiting';
  return done > 0 ? 'done' : 'idle';
}

function Stage({ stage }: { stage: StageLine }): ReactNode {
  const { m } = useLanguage();
  const state = stageState(stage);
  const all = stage.done + stage.pending;
  return (
    <li className={state}>
      <Shape kind={state === 'idle' ? 'waiting' : state} />
      <h3>{m.stages[stage.name]}</h3>
      <p>{m.stages[state]}</p>
      {all > 0 && (
        <p className="soft">
          <Say text={m.stages.of} done={<Count n={stage.done} />} all={<Count n={all} />} />
        </p>
      )}
      {stage.pending > 0 && (
        <p>
          <Counted phrase={m.stages.pending} n={stage.pending} />
        </p>
      )}
      {stage.problems > 0 && (
        <p>
          <Mark kind="problem">
            <Counted phrase={m.stages.problems} n={stage.problems} />
          </Mark>
        </p>
      )}
    </li>
  );
}

export function Stages({ stages, next }: Pick<CaseView, 'stages' | 'next'>): ReactNode {
  const { m } = useLanguage();
  return (
    <Section title={m.stages.title} className="wide">
      <ol className="stages">
        {stages.map((stage) => (
          <Stage key={stage.name} stage={stage} />
        ))}
      </ol>
      {next !== null && (
        <div className="next">
          <strong>{m.stages.next}</strong>
          <Command>{next}</Command>
          <span className="soft">{m.stages.nextText}</span>
        </div>
      )}
      {next === null && stages.every(({ pending }) => pending === 0) && (
        <div className="next">
          <strong>{m.stages.nothing}</strong>
          <span className="soft">{m.stages.nothingText}</span>
        </div>
      )}
    </Section>
  );
}
