// The start of the web application.
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, isEnded } from './api.ts';
import { App } from './app.tsx';
import { chooseLanguage, languages } from './language.tsx';
import { casePage, isFor } from './door.ts';
import { caseQuery, doorQuery } from './queries.ts';
import { readStored } from './stored.ts';
import { startTheme } from './theme.ts';

const initial = chooseLanguage(location.search, readStored('language'), navigator.languages);
document.documentElement.lang = initial;
document.documentElement.dir = languages[initial].dir;
startTheme();

const queries: QueryClient = new QueryClient({
  // Whichever answer says first that nobody is signed in: the door is looked at again, and shows.
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (isEnded(error) && query.queryKey[0] !== 'door') void queries.invalidateQueries(doorQuery);
    },
  }),
  defaultOptions: {
    queries: {
      // The server is this machine: being "offline" says nothing about it.
      networkMode: 'always',
      refetchOnWindowFocus: false,
      staleTime: Number.POSITIVE_INFINITY,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status > 0),
      retryDelay: 500,
    },
  },
});

// On paper everything is unfolded.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
});

/** The faces that every screen shows, before anything is drawn: else the words would move when they come. */
async function faces(): Promise<unknown> {
  const wanted = ["1em 'Source Sans 3'", "600 1em 'Source Sans 3'", "1em 'Roboto Mono'", '1em Amiri', '600 1em Amiri'];
  const loaded = Promise.allSettled(wanted.map((face) => document.fonts.load(face, 'Aع')));
  // On a slow line words come first, and their faces later.
  return Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 500))]);
}

// The case is asked for as soon as the door says that it may be.
void queries.fetchQuery(doorQuery).then(
  (door) => (isFor(door, casePage) ? queries.prefetchQuery(caseQuery) : undefined),
  () => undefined,
);
const root = document.getElementById('root');
if (root !== null)
  void faces().then(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <App initial={initial} />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
