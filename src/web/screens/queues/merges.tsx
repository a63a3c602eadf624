// Pictures that may belong to an individual: compared by their numbers and by what is known, not by bodies.
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useActs } from '../../keys.tsx';
import type { Act } from '../../keys.tsx';
import { useLanguage } from '../../language.tsx';
import { Count, Counted, Foreign, Literal } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { fill } from '../../language.tsx';
import { ActButton, Crop, QueueFrame } from './frame.tsx';
import type { QueueWork, Served } from './use-queue.ts';

function Numbers({ title, crops }: { title: ReactNode; crops: Served<'merges'>['entry']['crops'] }): ReactNode {
  const { m } = useLanguage();
  return (
    <div className="side">
      <h3>{title}</h3>
      {crops.length === 0 && <p className="soft">{m.queues.noNumbers}</p>}
      <ul>
        {crops.map(({ id, value }) => (
          <li key={id}>
            <Crop id={id} /> <Literal>{value}</Literal>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Question({ one, work }: { one: Served<'merges'>; work: QueueWork<'merges'> }): ReactNode {
  const { m, form } = useLanguage();
  const { entry } = one;
  const targets = [entry.individual, ...entry.others].filter((target) => target !== null);
  const acts: Act[] = [
    ...targets.slice(0, 8).map((target, i): Act => ({
      id: `merge.to-${String(i + 1)}`,
      key: String(i + 1),
      name: m.queues.yes.replace('{individual}', target),
      run: () => work.answer({ to: target }, target),
    })),
    {
      id: 'merge.nobody',
      key: 'n',
      name: m.queues.nobody,
      run: () => work.answer({ to: null }, m.queues.nobody),
    },
  ];
  useActs(useMemo(() => acts, [work, m]));
  const named =
    entry.individual === null ? (
      m.queues.noIndividual
    ) : (
      <Link to={`/individuals/${entry.individual}`}>
        <Literal>{entry.individual}</Literal>
      </Link>
    );
  const keys = Object.values(entry.key).join(' / ');
  return (
    <section className="question stack" aria-label={m.queues.merges}>
      <h2>{fill(form(m.queues.belongs, entry.pictures), { n: <Count n={entry.pictures} />, individual: named })}</h2>
      <p>
        {m.queues.why[entry.why]} <Foreign>{keys}</Foreign>
      </p>
      <div className="sides">
        <Numbers title={m.queues.here} crops={entry.crops} />
        <Numbers title={fill(m.queues.there, { individual: named })} crops={entry.theirs} />
      </div>
      <ul className="row small">
        {entry.items.slice(0, 12).map((item) => (
          <li key={item}>
            <Link to={`/items/${item}`}>
              <Literal>{item}</Literal>
            </Link>
          </li>
        ))}
      </ul>
      <p className="soft">
        <Counted phrase={m.queues.settles} n={entry.pictures} />
      </p>
      <div className="row">
        {acts.map((act) => (
          <ActButton key={act.id} act={act} />
        ))}
      </div>
    </section>
  );
}

/** The screen. */
export function MergesScreen(): ReactNode {
  return <QueueFrame name="merges" Question={Question} />;
}
