// Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a write that is sent again under the same key, because a
// line dropped or a finger was quick, is done once, and answered twice. Kept for a day, beside the accounts.
import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ruleOf } from './guard.ts';
import type { Door } from './door.ts';
import { Refusal } from './problem.ts';
import type { Env } from './visitor.ts';

export const keptHours = 24;

/** Answers repeats of writes from what was answered first. Runs after the guard. Answers with secrets are not kept. */
export function idempotency(door: Door): MiddlewareHandler<Env> {
  return async (c, next) => {
    const key = c.req.header('idempotency-key');
    const visitor = c.get('visitor');
    const rule = ruleOf(c);
    const applies = key !== undefined && c.req.method !== 'GET' && c.req.method !== 'HEAD' && rule !== undefined;
    const person = visitor.as === 'person' || visitor.as === 'token' ? visitor.person : null;
    // What is uploaded in pieces has its own way of being sent again.
    if (!applies || door.people === null || person === null || rule.secret === true || rule.body !== undefined)
      return next();
    if (!/^[\x21-\x7e]{8,100}$/.test(key)) {
      throw new Refusal(400, 'usage', {
        what: 'This idempotency key cannot be used.',
        expected: '8 to 100 printable characters, drawn at random for each act',
      });
    }
    const { accounts, opened } = door.people;
    const at = accounts.clock().getTime();
    const request = createHash('sha256')
      .update(`${c.req.method}\n${new URL(c.req.url).pathname}\n${new URL(c.req.url).search}\n`)
      .update(Buffer.from(await c.req.arrayBuffer()))
      .digest();
    const where = [person.account, `${opened.id} ${key}`] as const;
    await accounts.pool.query('delete from idempotent where account = $1 and key = $2 and at < $3', [
      ...where,
      at - keptHours * 3_600_000,
    ]);
    const { rowCount } = await accounts.pool.query(
      'insert into idempotent (account, key, request, at) values ($1, $2, $3, $4) on conflict do nothing',
      [...where, request, at],
    );
    if (rowCount === 0) {
      const { rows } = await accounts.pool.query<{
        request: Buffer;
        status: number | null;
        type: string | null;
        body: string | null;
      }>('select request, status, type, body from idempotent where account = $1 and key = $2', [...where]);
      const first = rows[0];
      if (first?.request.equals(request) === false) {
        throw new Refusal(422, 'usage', {
          what: 'This idempotency key was used for something else.',
          next: 'draw a new key for each act',
        });
      }
      if (first === undefined || first.status === null) {
        throw new Refusal(409, 'locked', {
          what: 'The same act is under way.',
          next: 'ask again in a moment; where that says the same, look whether it was done',
        });
      }
      return new Response(first.body, {
        status: first.status,
        headers: { ...(first.type !== null && { 'content-type': first.type }), 'idempotency-replayed': 'true' },
      });
    }
    await next();
    if (c.res.status >= 500) {
      await accounts.pool.query('delete from idempotent where account = $1 and key = $2', [...where]);
      return;
    }
    const body = c.res.status === 204 ? null : await c.res.clone().text();
    await accounts.pool.query(
      'update idempotent set status = $3, type = $4, body = $5 where account = $1 and key = $2',
      [...where, c.res.status, c.res.headers.get('content-type'), body],
    );
  };
}
