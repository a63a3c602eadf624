// Addresses of the application: a path and a query, without a library. A screen's pattern may hold names (`/items/:id`).
import { useSyncExternalStore } from 'react';
import type { MouseEvent, ReactNode } from 'react';

const moved = 'dalil-moved';

/** Goes to an address of the application without leaving the page. `replace` leaves no step back, as filters do. */
export function go(address: string, replace = false): void {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  dispatchEvent(new Event(moved));
}

/** Path and query of the page, kept current. */
export function useAddress(): { path: string; query: URLSearchParams } {
  const href = useSyncExternalStore(
    (tell) => {
      addEventListener('popstate', tell);
      addEventListener(moved, tell);
      return () => {
        removeEventListener('popstate', tell);
        removeEventListener(moved, tell);
      };
    },
    () => location.pathname + location.search,
  );
  const [path = '/', search = ''] = href.split('?');
  return { path, query: new URLSearchParams(search) };
}

/** The named parts of `path` where it is of `pattern`, else null. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [i, name] of wanted.entries()) {
    const said = given[i] ?? '';
    if (name.startsWith(':') && said !== '') parts[name.slice(1)] = decoded(said);
    else if (name !== said) return null;
  }
  return parts;
}

/** What cannot be decoded stays as it is, and leads nowhere. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

interface LinkParts {
  to: string;
  current?: boolean;
  className?: string;
  label?: string;
  children: ReactNode;
}

/** A link within the application: opens in another tab as any other where that is asked for. */
export function Link({ to, current = false, className, label, children }: LinkParts): ReactNode {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} className={className} aria-current={current ? 'page' : undefined} aria-label={label} onClick={follow}>
      {children}
    </a>
  );
}
