// What was found, counted by kind, source and category; each count narrows to what it counts, and pressed again widens.
import type { ReactNode } from 'react';
import type { Narrowed, SearchAnswer } from '../../api-types.ts';
import { useLanguage } from '../../language.tsx';
import { Count, Foreign } from '../../parts/text.tsx';

interface Choice {
  name: string;
  word: ReactNode;
  count: number;
  pressed: boolean;
  narrowed: Narrowed;
}

function Group({ title, choices, onNarrow }: { title: string; choices: Choice[]; onNarrow: (to: Narrowed) => void }) {
  if (choices.length === 0) return null;
  return (
    <fieldset className="facet">
      <legend>{title}</legend>
      {choices.map(({ name, word, count, pressed, narrowed }) => (
        <button key={name} type="button" className="choice" aria-pressed={pressed} onClick={() => onNarrow(narrowed)}>
          <span>{word}</span> <Count n={count} />
        </button>
      ))}
    </fieldset>
  );
}

/** What is in force is always there, also where nothing was found with it. */
function withCurrent<T extends { name: string; count: number }>(list: readonly T[], current: readonly string[]) {
  const missing = current.filter((name) => !list.some((one) => one.name === name)).map((name) => ({ name, count: 0 }));
  return [...list, ...missing];
}

interface FacetParts {
  answer: SearchAnswer;
  onNarrow: (narrowed: Narrowed) => void;
}

/** Three groups of buttons. Nothing where nothing was found and nothing is narrowed. */
export function Facets({ answer: { facets, narrowed, count }, onNarrow }: FacetParts): ReactNode {
  const { m } = useLanguage();
  const { kinds = [], source, category } = narrowed;
  if (count === 0 && kinds.length === 0 && source === undefined && category === undefined) return null;
  const without = (name: keyof Narrowed): Narrowed =>
    Object.fromEntries(Object.entries(narrowed).filter(([own]) => own !== name));
  const kindWords: Readonly<Record<string, string>> = m.search.kinds;
  return (
    // Beside the results there is room for it; above them it would push them off the page.
    <details className="stack facets" open={matchMedia('(width >= 48rem)').matches}>
      <summary>{m.search.narrow}</summary>
      <p className="soft small">{m.search.narrowText}</p>
      <Group
        title={m.search.kind}
        onNarrow={onNarrow}
        choices={withCurrent(facets.kinds, kinds).map(({ name, count: n }) => {
          const pressed = kinds.some((one) => one === name);
          const next = pressed ? kinds.filter((one) => one !== name) : [name as (typeof kinds)[number]];
          return { name, word: kindWords[name], count: n, pressed, narrowed: { ...narrowed, kinds: next } };
        })}
      />
      <Group
        title={m.search.category}
        onNarrow={onNarrow}
        choices={withCurrent(facets.categories, category === undefined ? [] : [category]).map(({ name, count: n }) => {
          const pressed = name === category;
          const to = { ...narrowed, category: name as NonNullable<typeof category> };
          return {
            name,
            word: m.categories[name as NonNullable<typeof category>],
            count: n,
            pressed,
            narrowed: pressed ? without('category') : to,
          };
        })}
      />
      <Group
        title={m.search.source}
        onNarrow={onNarrow}
        choices={withCurrent(facets.sources, source === undefined ? [] : [source]).map(({ name, count: n }) => {
          const pressed = name === source;
          const to = pressed ? without('source') : { ...narrowed, source: name };
          return { name, word: <Foreign>{name}</Foreign>, count: n, pressed, narrowed: to };
        })}
      />
    </details>
  );
}
