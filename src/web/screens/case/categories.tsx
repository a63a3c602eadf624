// The partition of the pictures before anything is counted in them; what nobody has looked at comes first.
import type { ReactNode } from 'react';
import { categories as names } from '../../../case/views.ts';
import type { CaseView } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Section } from '../../parts/section.tsx';
import { Count, Counted, Say } from '../../parts/text.tsx';

const order = ['unreviewed', ...names.filter((name) => name !== 'unreviewed')] as const;

export function Categories({ categories, pictures }: Pick<CaseView, 'categories' | 'pictures'>): ReactNode {
  const { m, share } = useLanguage();
  const sum = order.reduce((total, name) => total + categories[name], 0);
  if (pictures === 0 && sum === 0)
    return (
      <Section title={m.categories.title} lead={m.categories.nothing}>
        {null}
      </Section>
    );
  return (
    <Section title={m.categories.title} lead={<Counted phrase={m.categories.text} n={pictures} />}>
      <ul className="categories">
        {order.map((name) => (
          <li key={name}>
            <span>
              {m.categories[name]}
              {name === 'unreviewed' && <span className="soft">: {m.categories.unreviewedText}</span>}
            </span>
            <Count n={categories[name]} />
            <bdi className="share">{share(categories[name], pictures)}</bdi>
            <span className={name === 'unreviewed' ? 'gauge hatched' : 'gauge'} aria-hidden="true">
              <i style={{ inlineSize: `${String((100 * categories[name]) / Math.max(pictures, 1))}%` }} />
            </span>
          </li>
        ))}
      </ul>
      <p>
        {sum === pictures ? (
          <Mark kind="done">{m.categories.closes}</Mark>
        ) : (
          <Mark kind="broken">
            <Say text={m.categories.open} sum={<Count n={sum} />} all={<Count n={pictures} />} />
          </Mark>
        )}
      </p>
    </Section>
  );
}
