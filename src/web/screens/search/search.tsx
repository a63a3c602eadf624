// Searching: words that are sent when somebody says so, what was found with what matched and why. The address holds the
// number of the search's record, never its words.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api.ts';
import type { Narrowed, SearchAnswer } from '../../api-types.ts';
import { useActs } from '../../keys.tsx';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, useAct } from '../../parts/form.tsx';
import { Count, Counted, Say } from '../../parts/text.tsx';
import { go, Link, useAddress } from '../../router.tsx';
import { Facets } from './facets.tsx';
import { Hit } from './hit.tsx';
import { SavedSearches, SaveSearch } from './saved.tsx';
import './search.css';

/** The words with each last beginning open, or null where they are more than plain words. */
function beginningsOf(words: string): string | null {
  const plain = words.trim().split(/\s+/);
  return plain.every((word) => /^[^\s"*-][^\s"*]+$/u.test(word)) ? plain.map((word) => `${word}*`).join(' ') : null;
}

function Summary({ answer }: { answer: SearchAnswer }): ReactNode {
  const { m } = useLanguage();
  return (
    <p className="summary">
      <strong>
        {answer.more ? (
          <Say text={m.search.more} n={<Count n={answer.count} />} />
        ) : (
          <Counted phrase={m.search.found} n={answer.count} />
        )}
      </strong>{' '}
      <Link to={`/activity/${String(answer.search)}`} className="soft small">
        <Say text={m.search.record} n={<Count n={answer.search} />} />
      </Link>
    </p>
  );
}

/** Goes to the result before or after the one in focus. */
function step(list: HTMLElement | null, by: 1 | -1): void {
  const links = [...(list?.querySelectorAll<HTMLElement>('h3 a') ?? [])];
  const at = links.findIndex((link) => link.closest('li')?.contains(document.activeElement));
  (links[at < 0 ? (by === 1 ? 0 : links.length - 1) : at + by] ?? null)?.focus();
}

/** The screen. */
export function SearchScreen(): ReactNode {
  const { m } = useLanguage();
  const { query } = useAddress();
  const at = query.get('search');
  const [words, setWords] = useState('');
  const [answer, setAnswer] = useState<SearchAnswer | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const { busy, error, run } = useAct();
  const shown = useRef<number | null>(null);

  const show = useCallback((found: SearchAnswer | null): void => {
    shown.current = found?.search ?? null;
    setAnswer(found);
    setWords(found?.words ?? '');
  }, []);
  const make = (asked: string, narrowed: Narrowed): void =>
    run(async () => {
      const found = await call('POST /api/searches', { body: { words: asked, narrowed } });
      show(found);
      go(`/search?search=${String(found.search)}`);
    });

  useEffect(() => {
    // A step back, or a page that was loaded again: the answer is read under the record that it has already.
    if (at === null) show(null);
    else if (String(shown.current) !== at)
      run(async () => show(await call('GET /api/searches/{search}', { params: { search: Number(at) }, query: {} })));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what changes is the address
  }, [at]);
  useEffect(() => {
    // After the shell has put the focus on the new screen.
    const timer = setTimeout(() => box.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  useActs(
    useMemo(
      () => [
        { id: 'search-next', key: 'j', name: m.search.next, run: () => step(list.current, 1) },
        { id: 'search-previous', key: 'k', name: m.search.previous, run: () => step(list.current, -1) },
      ],
      [m],
    ),
  );

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make(words, {});
  };
  const more = (): void =>
    run(async () => {
      if (answer === null || answer.next === null) return;
      const page = await call('GET /api/searches/{search}', {
        params: { search: answer.search },
        query: { after: answer.next },
      });
      setAnswer({ ...page, hits: [...answer.hits, ...page.hits] });
    });
  const beginnings = answer === null ? null : beginningsOf(answer.words);
  return (
    <div className="screen search">
      <h1>{m.search.title}</h1>
      <p className="lead">{m.search.lead}</p>
      <form role="search" className="ask" onSubmit={submit}>
        <label htmlFor="search-box">{m.search.box}</label>
        <div className="line">
          <input
            id="search-box"
            ref={box}
            className="input"
            type="search"
            dir="auto"
            maxLength={200}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-describedby="search-written"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
          <ActButton type="submit" first busy={busy}>
            {m.search.submit}
          </ActButton>
        </div>
        <p id="search-written" className="soft small">
          {m.search.written}
        </p>
        <details className="how small">
          <summary>{m.search.howTitle}</summary>
          <p className="soft">{m.search.how}</p>
        </details>
        <ActError error={error} />
      </form>
      <div role="status">{answer !== null && <Summary answer={answer} />}</div>
      {answer === null ? (
        <SavedSearches onMake={make} />
      ) : (
        <div className="found">
          <aside className="stack" aria-label={m.search.narrow}>
            <Facets answer={answer} onNarrow={(narrowed) => make(answer.words, narrowed)} />
            <SaveSearch key={answer.search} answer={answer} />
          </aside>
          <div>
            {answer.count === 0 ? (
              <div className="stack">
                <p>{m.search.nothing}</p>
                <p className="soft">{m.search.nothingText}</p>
                {beginnings !== null && (
                  <ActButton busy={busy} onClick={() => make(beginnings, answer.narrowed)}>
                    {m.search.beginnings}
                  </ActButton>
                )}
              </div>
            ) : (
              <>
                <h2 className="spoken">{m.search.results}</h2>
                <ol ref={list} className="hits">
                  {answer.hits.map((hit) => (
                    <Hit key={hit.handle} hit={hit} />
                  ))}
                </ol>
                {answer.next !== null && (
                  <p className="more">
                    <ActButton busy={busy} onClick={more}>
                      {m.search.moreResults}
                    </ActButton>
                  </p>
                )}
              </>
            )}
          </div>
        </div>
      )}
    </div>
  );
}
