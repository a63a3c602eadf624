// The start of the web application.
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, isEnded } from './api.ts';
import { App } from './app.tsx';
import { casePage, isFor } from './door.ts';
import { faces } from './faces.ts';
import { languageOf, words } from './language.tsx';
import { chooseLanguage, showLanguage } from './languages.ts';
import { caseQuery, doorQuery } from './queries.ts';
import { readStored } from './stored.ts';
import { startTheme } from './theme.ts';

const code = chooseLanguage(location.search, readStored('language'), navigator.languages);
showLanguage(code);
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

// The case is asked for as soon as the door says that it may be.
const asked = queries.fetchQuery(doorQuery).then(
  (door) => (isFor(door, casePage) ? queries.prefetchQuery(caseQuery) : undefined),
  () => undefined,
);
/** How long the page that was built in waits for what will stand on it, in milliseconds: one change, not three. */
const patience = 500;

async function begin(root: HTMLElement): Promise<void> {
  const [said] = await Promise.all([
    words[code](),
    faces(),
    Promise.race([asked, new Promise((resolve) => setTimeout(resolve, patience))]),
  ]);
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App initial={languageOf(code, said)} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
const root = document.getElementById('root');
if (root !== null) void begin(root);
