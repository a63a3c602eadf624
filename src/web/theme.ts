// Light, dark, high contrast: as the system has it, until somebody chooses.
import { useSyncExternalStore } from 'react';
import { readStored, store } from './stored.ts';

export const themes = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof themes)[number];

const more = (): MediaQueryList => matchMedia('(prefers-contrast: more)');

export function chosenTheme(): Theme {
  const kept = readStored('theme');
  return themes.find((theme) => theme === kept) ?? 'system';
}

const listeners = new Set<() => void>();

/** The theme that was chosen, and how to choose another. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, chosenTheme);
  return [theme, showTheme];
}

/** Shows a theme, and remembers it. */
export function showTheme(theme: Theme): void {
  store('theme', theme === 'system' ? null : theme);
  const { dataset } = document.documentElement;
  if (theme === 'light' || theme === 'dark') dataset['theme'] = theme;
  else delete dataset['theme'];
  // One rule in the style sheet for both: who asks the system for more contrast, and who asks here.
  if (theme === 'contrast' || (theme === 'system' && more().matches)) dataset['contrast'] = 'more';
  else delete dataset['contrast'];
  for (const tell of listeners) tell();
}

/** Shows what was chosen before, and follows the system where nothing was. */
export function startTheme(): void {
  showTheme(chosenTheme());
  more().addEventListener('change', () => showTheme(chosenTheme()));
}
