// Categories of folders that no rule tells: asked by the folder, so that one answer speaks for many pictures.
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Category } from '../../../case/views.ts';
import { useActs } from '../../keys.tsx';
import type { Act } from '../../keys.tsx';
import { fill, useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Count, Counted, Literal, Path } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { ActButton, QueueFrame } from './frame.tsx';
import type { QueueWork, Served } from './use-queue.ts';

const asked: readonly Category[] = ['detainee', 'force', 'incident', 'other', 'unclear'];

function Question({ one, work }: { one: Served<'categories'>; work: QueueWork<'categories'> }): ReactNode {
  const { m, form } = useLanguage();
  const { entry } = one;
  const acts = asked.map((category, i): Act => ({
    id: `category.${category}`,
    key: String(i + 1),
    name: m.categories[category as 'detainee'],
    run: () => work.answer({ category }, m.categories[category as 'detainee']),
  }));
  useActs(useMemo(() => acts, [work, m]));
  return (
    <section className="question stack" aria-label={m.queues.categories}>
      <h2>{fill(form(m.queues.what, entry.pictures), { n: <Count n={entry.pictures} /> })}</h2>
      <p className="place">
        <span className="soft">{m.queues.folder}</span>{' '}
        {entry.folder === '' ? m.reconciliation.root : <Path>{entry.folder.replace(/\/$/, '')}</Path>}
      </p>
      {entry.proposed !== null && (
        <p>
          <Mark kind="proposed">
            {m.categories[entry.proposed as 'detainee']} ({m.queues.proposed})
          </Mark>
        </p>
      )}
      <p className="soft small row">
        {m.queues.sample}
        {entry.items.slice(0, 6).map((item) => (
          <Link key={item} to={`/items/${item}`}>
            <Literal>{item}</Literal>
          </Link>
        ))}
      </p>
      <p className="soft">
        <Counted phrase={m.queues.settles} n={entry.pictures} />
      </p>
      <div className="row">
        {acts.map((act) => (
          <ActButton key={act.id} act={act} chosen={act.id === `category.${entry.proposed ?? ''}`} />
        ))}
      </div>
    </section>
  );
}

/** The screen. */
export function CategoriesScreen(): ReactNode {
  return <QueueFrame name="categories" Question={Question} />;
}
