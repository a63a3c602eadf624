// The start of the web application.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.ts';
import { App } from './app.tsx';
import { chooseLanguage, languages } from './language.tsx';
import { caseQuery } from './queries.ts';
import { readStored } from './stored.ts';
import { startTheme } from './theme.ts';

const initial = chooseLanguage(location.search, readStored('language'), navigator.languages);
document.documentElement.lang = initial;
document.documentElement.dir = languages[initial].dir;
startTheme();

const queries = new QueryClient({
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

void queries.prefetchQuery(caseQuery);
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
