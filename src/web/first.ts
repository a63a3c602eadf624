// What the page runs before it paints anything: its language, the way it runs, its look; and it asks for the words of its
// language beside the application, not after it. Built into index.html itself (scripts/web-first.ts), allowed by its hash.
import { chooseLanguage, languages, showLanguage } from './languages.ts';
import { readStored } from './stored.ts';
import { chosenTheme, showTheme } from './theme.ts';

/** The files of each language's words, filled in by the build. */
declare const wordFiles: Readonly<Record<string, readonly string[]>>;

showTheme(chosenTheme());
const code = chooseLanguage(location.search, readStored('language'), navigator.languages);
showLanguage(code);
document.documentElement.style.setProperty('--called', `'${languages[code].called}'`);
for (const file of wordFiles[code] ?? []) {
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.href = file;
  document.head.append(link);
}
