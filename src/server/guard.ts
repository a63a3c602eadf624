// The guard before every route: finds its rule in the table, and lets through whom the rule names. Written against the
// routes that the server really has, so a route that nobody thought of is refused at the start, not found by an enemy.
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { matchedRoutes } from 'hono/route';
import { Fault } from '../case/fault.ts';
import { routeRules, type RouteRule } from './policy.ts';
import { notSignedIn, problemResponse, Refusal } from './problem.ts';
import type { Env, Visitor } from './visitor.ts';

/** A route as the table names it: `GET /api/queues/{name}`. */
const routeName = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;

/** The routes that a server has, without what runs before all of them. */
export function routesOf(app: { routes: readonly { method: string; path: string }[] }): string[] {
  return [...new Set(app.routes.filter(({ method }) => method !== 'ALL').map(routeName))];
}

/** Fault `fault` where a route has no rule, or a rule no route. */
export function refuseUnruled(
  app: Parameters<typeof routesOf>[0],
  rules: Readonly<Record<string, RouteRule>> = routeRules,
): void {
  const routes = routesOf(app);
  const unruled = routes.filter((route) => rules[route] === undefined);
  if (unruled.length === 0) return;
  throw new Fault('fault', {
    what: 'A route has no rule that says who may use it.',
    expected: 'a rule for each in src/server/policy.ts',
    got: unruled.join(', '),
  });
}

/** What a rule says of a visitor: `yes`, `sign-in` (not known yet), `prove` (too long ago), `no`. Pure. */
export function verdict(rule: RouteRule, visitor: Visitor): 'yes' | 'sign-in' | 'prove' | 'no' {
  if (rule.who.includes('anyone')) return 'yes';
  if (visitor.as === 'nobody') return 'sign-in';
  if (visitor.as === 'set-up') return rule.who.includes('set-up') ? 'yes' : 'no';
  if (visitor.as === 'token' && (rule.token === undefined || !visitor.scopes.includes(rule.token))) return 'no';
  if (!rule.who.includes('signed-in') && !visitor.person.roles.some((role) => rule.who.includes(role))) return 'no';
  if (rule.proved === true && !(visitor.as === 'person' && visitor.session.proved)) return 'prove';
  return 'yes';
}

/** The rule of the route that will answer this request; undefined where none will. */
export function ruleOf(c: Context): RouteRule | undefined {
  const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
  return route === undefined ? undefined : routeRules[routeName(route)];
}

const smallBody = 64 * 1024;

/** Lets through whom the table names. Runs after the visitor is known, before anything of a request is parsed. */
export const guard: MiddlewareHandler<Env> = async (c, next) => {
  const visitor = c.get('visitor');
  const rule = ruleOf(c);
  if (rule === undefined) {
    // Whoever is unknown learns nothing of which addresses there are.
    if (visitor.as === 'nobody') throw notSignedIn();
    return next();
  }
  switch (verdict(rule, visitor)) {
    case 'yes':
      refuseOtherTypes(c, rule);
      return bodyLimit({ maxSize: rule.body ?? smallBody, onError: tooLarge })(c, next);
    case 'sign-in':
      throw notSignedIn();
    case 'prove':
      throw new Refusal(
        403,
        'no-permission',
        {
          what: 'This needs you to prove again who you are.',
          expected: 'a passkey or a password, given within the last minutes',
          next: 'prove it and ask again',
        },
        'prove-again',
      );
    case 'no':
      throw new Refusal(
        403,
        'no-permission',
        { what: 'Your roles in this case do not allow this.', next: 'ask an administrator of this case' },
        'not-your-role',
      );
  }
};

/**
 * Refuses a body that is not JSON by its type: the validation of bodies would let it by, unread, as an empty one; and
 * it is what a form of another site can send without asking first.
 */
function refuseOtherTypes(c: Context, rule: RouteRule): void {
  const type = c.req.header('content-type');
  if (rule.bytes === true || type === undefined || /^application\/json(?:;|$)/i.test(type)) return;
  throw new Refusal(415, 'usage', { what: 'This body is of another type.', expected: 'application/json' });
}

const tooLarge = (): Response =>
  problemResponse(
    new Fault('usage', { what: 'The body of this request is too large.', next: 'see /api/openapi.json' }),
    413,
  );
