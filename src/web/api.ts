// The client of the HTTP API: typed by the same views that the server's schemas are held to. Nothing is kept in the
// browser but what the page shows.
import type { FaultCode } from '../case/fault.ts';
import type { CaseView, IndividualView } from '../case/views.ts';
import type { Routes } from './api-types.ts';

/** Something that a person has decided. */
export interface Changed {
  item: string;
  said: string | null;
  by: string;
  at: string;
}

/** Why an answer did not come: the server's own code, or `offline` where no answer came at all. */
export class ApiError extends Error {
  readonly code: FaultCode | 'offline';
  readonly status: number;
  readonly next: string | null;
  /** Of a conflict: what others have decided since. */
  readonly changed: readonly Changed[];
  /** A word to act on: `sign-in`, `prove-again`, `not-your-role`, `wrong`, `changed-meanwhile`. */
  readonly reason: string | null;
  /** What was expected, and what came. */
  readonly detail: string | null;
  constructor(
    code: FaultCode | 'offline',
    status: number,
    message: string,
    next: string | null = null,
    changed: readonly Changed[] = [],
    reason: string | null = null,
    detail: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.next = next;
    this.changed = changed;
    this.reason = reason;
    this.detail = detail;
  }
}

/** Whether the session ended: nothing will answer until a new link is opened. */
export const isEnded = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

/** Whether no answer came at all. */
export const isOffline = (error: unknown): boolean => error instanceof ApiError && error.code === 'offline';

export interface IndividualsPage {
  individuals: IndividualView[];
  next: string | null;
}

/** `live`: told of each commit. `quiet`: the server cannot tell. `lost`: no line; trying again by itself. */
export type Line = 'connecting' | 'live' | 'quiet' | 'lost';

/** Asks; ApiError where the answer is none, or a problem. */
export async function ask(path: string, request: RequestInit): Promise<Response> {
  const response = await fetch(path, request).catch((error: unknown) => {
    if (request.signal?.aborted === true) throw error;
    throw new ApiError('offline', 0, 'No answer.');
  });
  if (response.ok || response.status === 304) return response;
  const problem = (await response.json().catch(() => ({}))) as Partial<
    Record<'code' | 'title' | 'next' | 'reason' | 'detail', string>
  > & {
    changed?: Changed[];
  };
  throw new ApiError(
    (problem.code as FaultCode | undefined) ?? 'fault',
    response.status,
    problem.title ?? response.statusText,
    problem.next ?? null,
    problem.changed ?? [],
    problem.reason ?? null,
    problem.detail ?? null,
  );
}

const get = async (path: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<Response> =>
  ask(path, { signal, headers: { accept: 'application/json', ...headers } });

/** What a route answers, as JSON. The type is the caller's word for what the route's schema says. */
export async function read<T>(path: string, signal: AbortSignal): Promise<T> {
  return (await (await get(path, signal)).json()) as T;
}

/** Sends JSON; null where the answer has no body. A key makes a repeat of the same act harmless. */
export async function send<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  key?: string,
): Promise<T> {
  const response = await ask(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (response.status === 204 ? null : await response.json()) as T;
}

/** What a route is asked with, as far as it is asked for anything. */
type Asked<R extends keyof Routes> = {
  [Part in 'params' | 'query' | 'body' as Routes[R][Part] extends undefined ? never : Part]: Routes[R][Part];
} & { signal?: AbortSignal; key?: string; match?: string };

/**
 * Asks a route by its name in the OpenAPI document, with its parameters, and gives what it answers. `key`: of the act, so
 * that a repeat is harmless. `match`: the ETag of what was seen.
 */
export async function call<R extends keyof Routes>(
  ...[route, asked]: Record<never, never> extends Asked<R> ? [R, Asked<R>?] : [R, Asked<R>]
): Promise<Routes[R]['answer']> {
  const { params, query, body, signal, key, match } = (asked ?? {}) as {
    params?: Record<string, string>;
    query?: Record<string, string | number | undefined>;
    body?: unknown;
    signal?: AbortSignal;
    key?: string;
    match?: string;
  };
  const [method, template] = route.split(' ') as [string, string];
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) search.set(name, String(value));
  const response = await ask(search.size === 0 ? path : `${path}?${search.toString()}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(match !== undefined && { 'if-match': match }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  return response.status === 204 ? null : ((await response.json()) as Routes[R]['answer']);
}

let known: { etag: string; view: CaseView } | null = null;

/** The Case page; the same object as before while the checkpoint is the same. */
export async function readCase(signal: AbortSignal): Promise<CaseView> {
  const response = await get('/api/case', signal, known === null ? {} : { 'if-none-match': known.etag });
  if (response.status === 304 && known !== null) return known.view;
  const view = (await response.json()) as CaseView;
  known = { etag: response.headers.get('etag') ?? '', view };
  return view;
}

/** One page of individuals, after the cursor. */
export async function readIndividuals(
  after: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<IndividualsPage> {
  const query = new URLSearchParams({ limit: String(limit), ...(after !== null && { after }) });
  return (await (await get(`/api/individuals?${query.toString()}`, signal)).json()) as IndividualsPage;
}

/** Listens for commits until the returned function is called. */
export function follow(onChange: () => void, onLine: (line: Line) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = (): void => {
    source = new EventSource('/api/changes');
    source.addEventListener('open', () => onLine('live'));
    source.addEventListener('change', onChange);
    source.addEventListener('error', () => {
      if (source?.readyState === EventSource.CONNECTING) return onLine('lost');
      // Closed for good by this browser: the server cannot tell of changes, has ended the session, or is gone. One
      // question says which.
      call('GET /api/door', { signal: AbortSignal.timeout(5000) }).then(
        ({ state }) => {
          if (state !== 'sign-in') return onLine('quiet');
          // The session has ended: everything is asked again, and the door shows.
          onLine('lost');
          onChange();
        },
        (error: unknown) => {
          onLine('lost');
          onChange();
          if (!isEnded(error)) timer = setTimeout(connect, 3000);
        },
      );
    });
  };
  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
