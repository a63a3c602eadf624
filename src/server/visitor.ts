// Who asks: found out once for each request, from its cookie or its token, and believed from there on. Routes ask
// `signedIn(c)`; what somebody may do is the table's business (policy.ts), not theirs.
import type { Context } from 'hono';
import type { OpenCase } from '../log/case.ts';
import type { Actor } from '../log/log.ts';
import type { Person } from '../protect/accounts.ts';
import { version } from '../version.ts';
import type { Scope } from '../protect/tokens.ts';
import { mayCause } from './policy.ts';
import { notSignedIn } from './problem.ts';

export type Visitor =
  | { as: 'nobody' }
  | { as: 'set-up' }
  | { as: 'person'; person: Person; session: { id: string; proved: boolean } }
  | { as: 'token'; person: Person; scopes: readonly Scope[] };

/** What every route can ask of its request. */
export interface Env {
  Variables: { visitor: Visitor };
}

/** Whoever is signed in: account, identifier and working name in this case, roles. Fault `no-permission` (401). */
export function signedIn(c: Context<Env>): Person {
  const visitor = c.get('visitor');
  if (visitor.as === 'person' || visitor.as === 'token') return visitor.person;
  throw notSignedIn();
}

/** The actor of records that this person causes. The log takes no kind from it that the table does not let it cause. */
export function actorOf({ name, roles }: Person): Actor {
  return { name, tool: 'dalil serve', version, mayCause: (kind) => mayCause(roles, kind) };
}

/** The case as this person works on it: what the stages write down, they write in this person's name. */
export function caseOf(opened: OpenCase, person: Person): OpenCase {
  return { ...opened, actor: actorOf(person) };
}
