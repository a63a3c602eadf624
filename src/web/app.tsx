// The shell: name, menu, language, the screen, and whether the line to the case holds.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { MouseEvent, ReactNode } from 'react';
import { follow, isEnded } from './api.ts';
import type { Line } from './api.ts';
import { caseQuery } from './queries.ts';
import { LanguageProvider, languageOf, languages, useLanguage } from './language.tsx';
import type { LanguageCode } from './language.tsx';
import { Mark } from './parts/marks.tsx';
import { Failure } from './parts/notice.tsx';
import { Say } from './parts/text.tsx';
import { screens } from './screens.tsx';

const moved = 'dalil-moved';

/** Goes to an address of the application without leaving the page. */
function go(event: MouseEvent, address: string): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  history.pushState(null, '', address);
  dispatchEvent(new Event(moved));
}

function usePath(): string {
  return useSyncExternalStore(
    (tell) => {
      addEventListener('popstate', tell);
      addEventListener(moved, tell);
      return () => {
        removeEventListener('popstate', tell);
        removeEventListener(moved, tell);
      };
    },
    () => location.pathname,
  );
}

function Bar({ path, onLanguage }: { path: string; onLanguage: (code: LanguageCode) => void }): ReactNode {
  const { m, code } = useLanguage();
  const others = (Object.keys(languages) as LanguageCode[]).filter((other) => other !== code);
  return (
    <header className="bar">
      <span className="name">{m.app.name}</span>
      <nav aria-label={m.app.screens}>
        <ul>
          {screens.map((screen) => (
            <li key={screen.path}>
              <a
                href={screen.path}
                aria-current={screen.path === path ? 'page' : undefined}
                onClick={(event) => go(event, screen.path)}
              >
                {screen.name(m)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <nav className="languages" aria-label={m.app.language}>
        <ul>
          {others.map((other) => (
            <li key={other}>
              <a
                href={`?lang=${other}`}
                lang={other}
                hrefLang={other}
                onClick={(event) => {
                  event.preventDefault();
                  onLanguage(other);
                }}
              >
                {languages[other].name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}

/** Keeps what is shown true, and says so only when it cannot. */
function LineState(): ReactNode {
  const { m, time } = useLanguage();
  const [line, setLine] = useState<Line>('connecting');
  const queries = useQueryClient();
  const { dataUpdatedAt } = useQuery({ ...caseQuery, refetchInterval: line === 'quiet' ? 10_000 : false });
  useEffect(() => {
    const refresh = (): void => void queries.invalidateQueries();
    return follow(refresh, (now) => {
      setLine((before) => {
        // What happened while the line was cut was not told.
        if (now === 'live' && before === 'lost') refresh();
        return now;
      });
    });
  }, [queries]);
  return (
    <div role="status">
      {line === 'lost' && dataUpdatedAt > 0 && (
        <p className="lost">
          <Mark kind="problem">
            <Say text={m.app.lost} time={<bdi>{time(dataUpdatedAt)}</bdi>} />
          </Mark>
        </p>
      )}
    </div>
  );
}

function Missing(): ReactNode {
  const { m } = useLanguage();
  return (
    <div className="notice">
      <h1>{m.app.notFound}</h1>
      <p>
        <a href="/" onClick={(event) => go(event, '/')}>
          {m.app.toCase}
        </a>
      </p>
    </div>
  );
}

function Content({ path }: { path: string }): ReactNode {
  const { error, refetch } = useQuery(caseQuery);
  // Once the session ends, nothing of the case stays on the screen.
  if (isEnded(error)) return <Failure error={error} onRetry={() => void refetch()} />;
  const Screen = screens.find((screen) => screen.path === path)?.Screen ?? Missing;
  return (
    <>
      <Screen />
      <LineState />
    </>
  );
}

/** The whole application. */
export function App({ initial }: { initial: LanguageCode }): ReactNode {
  const [code, setCode] = useState(initial);
  const language = useMemo(() => languageOf(code), [code]);
  const path = usePath();

  useEffect(() => {
    document.documentElement.lang = code;
    document.documentElement.dir = languages[code].dir;
  }, [code]);

  const chooseAndKeep = (chosen: LanguageCode): void => {
    setCode(chosen);
    const address = new URL(location.href);
    address.searchParams.set('lang', chosen);
    history.replaceState(null, '', address);
    try {
      localStorage.setItem('language', chosen);
    } catch {
      // A browser that keeps nothing still has it in the address.
    }
  };

  return (
    <LanguageProvider value={language}>
      <div className="shell">
        <a className="skip" href="#content">
          {language.m.app.skip}
        </a>
        <Bar path={path} onLanguage={chooseAndKeep} />
        <main id="content" className="page" tabIndex={-1}>
          <Content path={path} />
        </main>
      </div>
    </LanguageProvider>
  );
}
