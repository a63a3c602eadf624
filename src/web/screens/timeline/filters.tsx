// What the timeline is narrowed to: in its address, so that a list can be kept, sent, and come back to.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { TimelineChoices } from '../../../case/work-views.ts';
import { useLanguage } from '../../language.tsx';

const names = ['source', 'category', 'camera', 'number', 'day', 'state', 'tag', 'collapsed'] as const;
type Name = (typeof names)[number];

/** The parts of an address that are a filter, in one order. */
export function filterOf(query: URLSearchParams): URLSearchParams {
  const filter = new URLSearchParams();
  for (const name of names) {
    const value = query.get(name);
    if (value !== null && value !== '') filter.set(name, value);
  }
  return filter;
}

interface FilterParts {
  query: URLSearchParams;
  choices: TimelineChoices | undefined;
  onChange: (filter: URLSearchParams) => void;
}

/** The fields. A choice counts at once; a number when it has been written. */
export function Filters({ query, choices, onChange }: FilterParts): ReactNode {
  const { m, number: written } = useLanguage();
  const set = (name: Name, value: string): void => {
    const next = filterOf(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    onChange(next);
  };
  const choice = (name: Name, label: string, options: readonly { value: string; word: string; count: number }[]) => (
    <div className="field">
      <label htmlFor={`filter-${name}`}>{label}</label>
      <select id={`filter-${name}`} value={query.get(name) ?? ''} onChange={(event) => set(name, event.target.value)}>
        <option value="">{m.timeline.all}</option>
        {options.map(({ value, word, count }) => (
          <option key={value} value={value}>
            {`${word} (${written(count)})`}
          </option>
        ))}
      </select>
    </div>
  );
  const plain = (list: TimelineChoices['sources'] = []) =>
    list.map(({ name, count }) => ({ value: name, word: name, count }));
  return (
    <form className="filters" aria-label={m.timeline.filters} onSubmit={(event) => event.preventDefault()}>
      {choice(
        'category',
        m.timeline.category,
        (choices?.categories ?? []).map(({ name, count }) => ({ value: name, word: m.categories[name], count })),
      )}
      {choice(
        'state',
        m.timeline.state,
        (choices?.states ?? []).map(({ name, count }) => ({ value: name, word: m.tile.states[name], count })),
      )}
      {choice('camera', m.timeline.camera, plain(choices?.cameras))}
      {choice('source', m.timeline.source, plain(choices?.sources))}
      {choice('tag', m.tags.filter, plain(choices?.tags))}
      <Written name="number" label={m.timeline.number} value={query.get('number') ?? ''} onChange={set} />
      <div className="field">
        <label htmlFor="filter-day">{m.timeline.day}</label>
        <input
          id="filter-day"
          className="input"
          type="date"
          value={query.get('day') ?? ''}
          onChange={(event) => set('day', event.target.value)}
        />
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={query.get('collapsed') === 'true'}
          onChange={(event) => set('collapsed', event.target.checked ? 'true' : '')}
        />
        {m.timeline.collapsed}
      </label>
    </form>
  );
}

interface WrittenParts {
  name: Name;
  label: string;
  value: string;
  onChange: (name: Name, value: string) => void;
}

function Written({ name, label, value, onChange }: WrittenParts): ReactNode {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  useEffect(() => {
    if (draft.trim() === value) return undefined;
    const timer = setTimeout(() => onChange(name, draft.trim()), 400);
    return () => clearTimeout(timer);
  }, [draft, name, onChange, value]);
  return (
    <div className="field">
      <label htmlFor={`filter-${name}`}>{label}</label>
      <input
        id={`filter-${name}`}
        className="input"
        dir="auto"
        autoComplete="off"
        maxLength={60}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
    </div>
  );
}
