// The OpenAPI 3.1 document: made from the schemas that validate what is asked and answered, and from the table of rules,
// so that it says of each route who may use it and by what.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { roles } from '../protect/roles.ts';
import { routeRules } from './policy.ts';
import type { Env } from './visitor.ts';

type Document = ReturnType<OpenAPIHono<Env>['getOpenAPI31Document']>;

/** The document of a server, its cookie by name. */
export function documentOf(app: OpenAPIHono<Env>, cookie: string): Document {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Dalil',
      version: '1',
      description:
        'A case, read and worked on by the people whom it knows. Lists come by cursor (`after`, `limit`); a write under an `Idempotency-Key` is done once; errors are RFC 9457 with the codes of the command line. `x-who` names the roles that may use a route.',
    },
  });
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods as Record<string, Record<string, unknown>>)) {
      const rule = routeRules[`${method.toUpperCase()} ${path}`];
      if (rule === undefined) continue;
      operation['x-who'] = rule.who;
      const open = rule.who.includes('anyone');
      const named = rule.who.filter((who) => (roles as readonly string[]).includes(who));
      operation['security'] = open
        ? []
        : [{ session: named }, ...(rule.token === undefined ? [] : [{ token: [rule.token] }])];
    }
  }
  return {
    ...document,
    components: {
      ...document.components,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookie, description: 'What signing in leaves in a browser.' },
        token: { type: 'http', scheme: 'bearer', description: 'A token of one’s own, scoped to `read` or `write`.' },
      },
    },
  };
}
