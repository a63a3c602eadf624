// The shell: name, menu by stages, tools, the screen, and whether the line to the case holds.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { stageNames } from '../case/views.ts';
import { follow, isEnded } from './api.ts';
import type { Line } from './api.ts';
import { casePage, isFor, useDoor } from './door.ts';
import { listenForKeys, useActs } from './keys.tsx';
import { LanguageProvider, languageOf, useLanguage, words } from './language.tsx';
import type { Language } from './language.tsx';
import { languages, showLanguage } from './languages.ts';
import type { LanguageCode } from './languages.ts';
import { KeyboardHelp } from './parts/keyboard.tsx';
import { Mark } from './parts/marks.tsx';
import { Failure, Loading } from './parts/notice.tsx';
import { Say } from './parts/text.tsx';
import { caseQuery, doorQuery } from './queries.ts';
import { go, Link, matchPath, useAddress } from './router.tsx';
import { doorScreens, screens } from './screens.tsx';
import type { Screen } from './screens.tsx';
import { store } from './stored.ts';
import { themes, useTheme } from './theme.ts';
import type { Theme } from './theme.ts';

function Menu({ path, open, onGo }: { path: string; open: boolean; onGo: () => void }): ReactNode {
  const { m } = useLanguage();
  const door = useDoor();
  const groups = [null, ...stageNames].flatMap((stage) => {
    const own = screens.filter((screen) => screen.menu && screen.stage === stage && isFor(door, screen.whom));
    return own.length === 0 ? [] : [{ stage, own }];
  });
  return (
    <nav id="menu" className={open ? 'menu' : 'menu closed'} aria-label={m.app.screens} onClick={onGo}>
      {groups.map(({ stage, own }) => (
        <div key={stage}>
          {stage !== null && <h2 id={`menu-${stage}`}>{m.stages[stage]}</h2>}
          <ul aria-labelledby={stage === null ? undefined : `menu-${stage}`}>
            {own.map((screen) => (
              <li key={screen.path}>
                <Link to={screen.path} current={matchPath(screen.path, path) !== null}>
                  {screen.name(m)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

interface BarParts {
  path: string;
  onHelp: () => void;
}

function Bar({ path, onHelp }: BarParts): ReactNode {
  const { m, code, choose } = useLanguage();
  const door = useDoor();
  // Before the door there is nowhere to go.
  const inside = door !== undefined && door.state !== 'sign-in';
  const [open, setOpen] = useState(false);
  const [theme, setTheme] = useTheme();
  const others = (Object.keys(languages) as LanguageCode[]).filter((other) => other !== code);
  return (
    <header className="bar">
      <span className="name">{languages[code].called}</span>
      {inside && (
        <>
          <button
            type="button"
            className="plain menu-button"
            aria-expanded={open}
            aria-controls="menu"
            onClick={() => setOpen(!open)}
          >
            {m.app.menu}
          </button>
          <Menu path={path} open={open} onGo={() => setOpen(false)} />
        </>
      )}
      <div className="tools">
        <label>
          <span className="spoken">{m.app.theme}</span>
          <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
            {themes.map((name) => (
              <option key={name} value={name}>
                {m.app.themes[name]}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="plain" onClick={onHelp}>
          {m.keys.open}
        </button>
        <nav aria-label={m.app.language}>
          {others.map((other) => (
            <a
              key={other}
              href={`?lang=${other}`}
              lang={other}
              hrefLang={other}
              onClick={(event) => {
                event.preventDefault();
                choose(other);
              }}
            >
              {languages[other].name}
            </a>
          ))}
        </nav>
      </div>
    </header>
  );
}

/** Keeps what is shown true, and says so only when it cannot. */
function LineState({ evidence }: { evidence: boolean }): ReactNode {
  const { m, time } = useLanguage();
  const [line, setLine] = useState<Line>('connecting');
  const queries = useQueryClient();
  const { dataUpdatedAt } = useQuery({
    ...caseQuery,
    enabled: evidence,
    refetchInterval: line === 'quiet' ? 10_000 : false,
  });
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

/** Where nobody has an account yet: the way to the first. */
function FirstAccount(): ReactNode {
  const { m } = useLanguage();
  if (useDoor()?.state !== 'set-up') return null;
  return (
    <p className="banner row">
      <span>{m.setUp.invitation}</span>
      <Link to={doorScreens.setUp.path}>{m.setUp.make}</Link>
    </p>
  );
}

function Missing(): ReactNode {
  const { m } = useLanguage();
  return (
    <div className="notice">
      <h1>{m.app.notFound}</h1>
      <p>
        <Link to="/">{m.app.toCase}</Link>
      </p>
    </div>
  );
}

/** The screen of an address for whoever is there, with what its address names. */
function useScreen(path: string): { Screen: Screen['Screen']; parts: Record<string, string>; title: string } {
  const { m } = useLanguage();
  const door = useDoor();
  const own = screens.filter(({ whom }) => isFor(door, whom));
  for (const { path: pattern, Screen, name } of own) {
    const parts = matchPath(pattern, path);
    if (parts !== null) return { Screen, parts, title: name(m) };
  }
  // Somebody without a share in the evidence begins at the first screen that is theirs.
  const [first] = own;
  if (path === '/' && first !== undefined) return { Screen: first.Screen, parts: {}, title: first.name(m) };
  return { Screen: Missing, parts: {}, title: m.app.notFound };
}

function Content({ path }: { path: string }): ReactNode {
  const { m, code } = useLanguage();
  const main = useRef<HTMLElement>(null);
  const from = useRef(path);
  const door = useQuery(doorQuery);
  const evidence = isFor(door.data, casePage);
  const { error } = useQuery({ ...caseQuery, enabled: evidence });
  const state = door.data?.state;
  const inside = useScreen(path);
  const before =
    path === doorScreens.join.path
      ? doorScreens.join
      : path === doorScreens.setUp.path && (state === 'set-up' || state === 'in')
        ? doorScreens.setUp
        : state === 'sign-in'
          ? doorScreens.signIn
          : null;
  const title = before?.name(m) ?? inside.title;
  useEffect(() => {
    document.title = `${title} – ${languages[code].called}`;
  }, [title, code]);
  useEffect(() => {
    // A new screen begins at its top, for the eye and for whoever listens.
    if (from.current === path) return;
    from.current = path;
    scrollTo({ top: 0, behavior: 'instant' });
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <main ref={main} id="content" className="page" tabIndex={-1}>
      {isEnded(door.error) || isEnded(error) ? (
        // Once the session ends, nothing of the case stays on the screen.
        <Failure error={door.error ?? error} onRetry={() => void door.refetch()} />
      ) : before !== null ? (
        <Suspense fallback={<Loading />}>
          <before.Screen />
        </Suspense>
      ) : door.data === undefined ? (
        door.error === null ? (
          <Loading />
        ) : (
          <Failure error={door.error} onRetry={() => void door.refetch()} />
        )
      ) : (
        <Suspense fallback={<Loading />}>
          <FirstAccount />
          <inside.Screen key={path} {...inside.parts} />
          <LineState evidence={evidence} />
        </Suspense>
      )}
    </main>
  );
}

/** To the box of the search: where it is not on the page, the screen that has it puts the focus there. */
function toSearch(): void {
  const box = document.getElementById('search-box');
  if (box === null) go('/search');
  else box.focus();
}

function Shell(): ReactNode {
  const { m } = useLanguage();
  const { path } = useAddress();
  const [help, setHelp] = useState(false);
  const searches = isFor(useDoor());
  useEffect(listenForKeys, []);
  useActs(
    useMemo(
      () => [
        { id: 'help', key: '?', name: m.keys.title, run: () => setHelp(true) },
        { id: 'to-case', key: '0', name: m.app.toCase, run: () => go('/') },
        ...(searches ? [{ id: 'search', key: '/', name: m.search.focus, run: toSearch }] : []),
      ],
      [m, searches],
    ),
  );
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {m.app.skip}
      </a>
      <Bar path={path} onHelp={() => setHelp(true)} />
      <div className="content">
        <Content path={path} />
      </div>
      {help && <KeyboardHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

/** The whole application. */
export function App({ initial }: { initial: Language }): ReactNode {
  const [language, setLanguage] = useState(initial);
  useEffect(() => showLanguage(language.code), [language]);

  async function chooseAndKeep(chosen: LanguageCode): Promise<void> {
    const address = new URL(location.href);
    address.searchParams.set('lang', chosen);
    store('language', chosen);
    try {
      setLanguage(languageOf(chosen, await words[chosen]()));
      history.replaceState(null, '', address);
    } catch {
      // Its words did not come: the browser asks again, and says why where it cannot.
      location.assign(address);
    }
  }

  const chosen = useMemo(() => ({ ...language, choose: (code: LanguageCode) => void chooseAndKeep(code) }), [language]);
  return (
    <LanguageProvider value={chosen}>
      <Shell />
    </LanguageProvider>
  );
}
