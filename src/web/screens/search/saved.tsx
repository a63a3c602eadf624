// Searches that somebody keeps: made again by a button, forgotten by another.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api.ts';
import type { Narrowed, SearchAnswer } from '../../api-types.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, Field, useAct } from '../../parts/form.tsx';
import { Section } from '../../parts/section.tsx';
import { Foreign } from '../../parts/text.tsx';

const savedKey = ['saved-searches'];

/** The list, with how to make each again. */
export function SavedSearches({ onMake }: { onMake: (words: string, narrowed: Narrowed) => void }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: savedKey,
    queryFn: ({ signal }) => call('GET /api/saved-searches', { signal }),
  });
  const { busy, error, run } = useAct();
  const forget = (id: string): void =>
    run(async () => {
      await call('DELETE /api/saved-searches/{id}', { params: { id } });
      await queries.invalidateQueries({ queryKey: savedKey });
    });
  return (
    <Section title={m.search.saved} lead={m.search.savedText}>
      {data?.searches.length === 0 && <p className="soft">{m.search.noneSaved}</p>}
      <ul className="saved">
        {data?.searches.map(({ id, name, words, narrowed }) => (
          <li key={id} className="row">
            <button type="button" className="button" onClick={() => onMake(words, narrowed)}>
              <Foreign>{name}</Foreign>
            </button>
            {words !== name && (
              <span className="soft words">
                <Foreign>{words}</Foreign>
              </span>
            )}
            <button
              type="button"
              className="plain soft"
              aria-label={m.search.forgetOne.replace('{name}', () => name)}
              aria-busy={busy}
              onClick={() => forget(id)}
            >
              {m.search.forget}
            </button>
          </li>
        ))}
      </ul>
      <ActError error={error} />
    </Section>
  );
}

/** Keeps the search that is shown, under a name. */
export function SaveSearch({ answer: { words, narrowed } }: { answer: SearchAnswer }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const [name, setName] = useState([...words].slice(0, 80).join(''));
  const [done, setDone] = useState(false);
  const { busy, error, run } = useAct();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      await call('POST /api/saved-searches', { body: { name, words, narrowed } });
      await queries.invalidateQueries({ queryKey: savedKey });
      setDone(true);
    });
  };
  return (
    <details className="save">
      <summary>{m.search.save}</summary>
      <form className="stack form" onSubmit={save}>
        <Field
          label={m.search.saveName}
          hint={m.search.savedText}
          value={name}
          required
          maxLength={80}
          onValue={(value) => {
            setDone(false);
            setName(value);
          }}
        />
        <ActButton type="submit" busy={busy}>
          {m.search.save}
        </ActButton>
        <ActError error={error} />
        <p role="status">{done && m.search.saveDone}</p>
      </form>
    </details>
  );
}
