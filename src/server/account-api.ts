// One's own account: ways to prove who one is, sessions, tokens. What could let somebody else in later needs proof of the
// last minutes; so a browser left open gives away a session, and no more.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { Fault } from '../case/fault.ts';
import { findPerson } from '../protect/accounts.ts';
import {
  checkOffer,
  checkPassword,
  dropCredential,
  keepOffer,
  newRecoveryCodes,
  viewCredentials,
  type Offer,
} from '../protect/credentials.ts';
import { inTransaction } from '../protect/home-schema.ts';
import { checkPasskey, partyOf, requestOptions } from '../protect/passkeys.ts';
import { endSession, endSessions, listSessions, proveAgain } from '../protect/sessions.ts';
import { listTokens, makeToken, revokeToken } from '../protect/tokens.ts';
import {
  accountSchema,
  assertionSchema,
  ceremonySchema,
  madeTokenSchema,
  newTokenSchema,
  offerSchema,
  passwordSignInSchema,
} from './account-schemas.ts';
import { answers, asked, done, newApi } from './api.ts';
import { peopleOf, type Door } from './door.ts';
import { notSignedIn, Refusal } from './problem.ts';
import { signedIn, type Env, type Visitor } from './visitor.ts';

const own = { params: z.object({ id: z.string().max(1400) }) };
const codesSchema = z.object({ recoveryCodes: z.array(z.string()) });

const routes = {
  read: createRoute({
    method: 'get',
    path: '/api/account',
    summary: 'Your own account: ways to sign in, sessions, tokens.',
    responses: answers(accountSchema),
  }),
  challenge: createRoute({
    method: 'post',
    path: '/api/account/challenge',
    summary: 'Options to prove again who you are, with a passkey.',
    responses: answers(ceremonySchema),
  }),
  byPasskey: createRoute({
    method: 'post',
    path: '/api/account/prove/passkey',
    summary: 'Proves again who you are, with a passkey.',
    request: asked(z.object({ response: assertionSchema })),
    responses: done,
  }),
  byPassword: createRoute({
    method: 'post',
    path: '/api/account/prove/password',
    summary: 'Proves again who you are, with a password and a code.',
    request: asked(passwordSignInSchema.omit({ name: true })),
    responses: done,
  }),
  addCredential: createRoute({
    method: 'post',
    path: '/api/account/credentials',
    summary: 'Adds a passkey, or sets the password with its second factor. Other sessions end.',
    request: asked(z.object({ offer: offerSchema })),
    responses: done,
  }),
  dropCredential: createRoute({
    method: 'delete',
    path: '/api/account/credentials/{id}',
    summary: 'Takes a passkey away by its id, or the password (`password`). Not the last way in. Other sessions end.',
    request: own,
    responses: done,
  }),
  codes: createRoute({
    method: 'post',
    path: '/api/account/recovery-codes',
    summary: 'New recovery codes, shown once; the earlier ones are good no longer.',
    responses: answers(codesSchema),
  }),
  endSession: createRoute({
    method: 'delete',
    path: '/api/account/sessions/{id}',
    summary: 'Ends one of your sessions.',
    request: own,
    responses: done,
  }),
  endOthers: createRoute({
    method: 'delete',
    path: '/api/account/sessions',
    summary: 'Ends all your sessions but this one.',
    responses: done,
  }),
  makeToken: createRoute({
    method: 'post',
    path: '/api/account/tokens',
    summary: 'A token for your scripts, shown once; good within your roles.',
    request: asked(newTokenSchema),
    responses: answers(madeTokenSchema),
  }),
  revokeToken: createRoute({
    method: 'delete',
    path: '/api/account/tokens/{id}',
    summary: 'Revokes one of your tokens.',
    request: own,
    responses: done,
  }),
};

/** Nothing of this name is there, of this person: of another's it is not said whether there is. */
const nothing = (): Refusal =>
  new Refusal(404, 'usage', { what: 'There is nothing of this name.', next: 'read the list again' });

const sessionOf = (visitor: Visitor): string => {
  if (visitor.as !== 'person') throw notSignedIn();
  return visitor.session.id;
};

/** The routes of one's own account. */
export function accountApi(door: Door): OpenAPIHono<Env> {
  const api = newApi();

  api.openapi(routes.read, async (c) => {
    const person = signedIn(c);
    const session = sessionOf(c.get('visitor'));
    const { accounts, opened } = peopleOf(door);
    const [view, credentials, sessions, tokens] = await Promise.all([
      findPerson(accounts, opened.id, person),
      viewCredentials(accounts, person.account),
      listSessions(accounts, opened.id, person.account),
      listTokens(accounts, opened.id, person.account),
    ]);
    const visitor = c.get('visitor');
    return c.json(
      accountSchema.parse({
        ...person,
        signInName: view?.signInName ?? '',
        proved: visitor.as === 'person' && visitor.session.proved,
        ...credentials,
        sessions: sessions.map((one) => ({ ...one, own: one.id === session })),
        tokens,
      }),
      200,
    );
  });

  api.openapi(routes.challenge, async (c) => {
    const purpose = `prove ${sessionOf(c.get('visitor'))}`;
    const options = await requestOptions(peopleOf(door).accounts, partyOf(door.origins()), purpose);
    return c.json(ceremonySchema.parse(options), 200);
  });

  const notProved = (): Refusal =>
    new Refusal(403, 'no-permission', { what: 'This did not prove who you are.', next: 'try again' }, 'wrong');

  api.openapi(routes.byPasskey, async (c) => {
    const { account } = signedIn(c);
    const session = sessionOf(c.get('visitor'));
    const { accounts } = peopleOf(door);
    const { response } = c.req.valid('json');
    // Somebody else's passkey proves who somebody else is.
    if ((await checkPasskey(accounts, partyOf(door.origins()), `prove ${session}`, response)) !== account)
      throw notProved();
    door.renew(c, await proveAgain(accounts, session));
    return c.body(null, 204);
  });

  api.openapi(routes.byPassword, async (c) => {
    const { account, member } = signedIn(c);
    const session = sessionOf(c.get('visitor'));
    const { accounts, opened } = peopleOf(door);
    const view = await findPerson(accounts, opened.id, { member });
    const from = { device: door.deviceSecret(c), client: c.get('client') };
    const answer = { ...c.req.valid('json'), name: view?.signInName ?? '', ...from };
    if ((await checkPassword(accounts, answer))?.account !== account) throw notProved();
    door.renew(c, await proveAgain(accounts, session));
    return c.body(null, 204);
  });

  api.openapi(routes.addCredential, async (c) => {
    const { account, member } = signedIn(c);
    const { accounts, opened } = peopleOf(door);
    const view = await findPerson(accounts, opened.id, { member });
    const offer = c.req.valid('json').offer as Offer;
    const checked = await checkOffer(accounts, partyOf(door.origins()), view?.signInName ?? '', offer);
    await inTransaction(accounts.pool, (client) => keepOffer(client, accounts, account, checked));
    await endSessions(accounts, account, sessionOf(c.get('visitor')));
    return c.body(null, 204);
  });

  api.openapi(routes.dropCredential, async (c) => {
    const { account } = signedIn(c);
    const { accounts } = peopleOf(door);
    if (!(await dropCredential(accounts, account, c.req.valid('param').id))) throw nothing();
    await endSessions(accounts, account, sessionOf(c.get('visitor')));
    return c.body(null, 204);
  });

  api.openapi(routes.codes, async (c) => {
    const { account } = signedIn(c);
    const { accounts } = peopleOf(door);
    const recoveryCodes = await inTransaction(accounts.pool, (client) => newRecoveryCodes(client, accounts, account));
    return c.json({ recoveryCodes }, 200);
  });

  api.openapi(routes.endSession, async (c) => {
    const { account } = signedIn(c);
    const { accounts, opened } = peopleOf(door);
    const { id } = c.req.valid('param');
    if (!(await endSession(accounts, opened.id, account, id))) throw nothing();
    if (id === sessionOf(c.get('visitor'))) door.leave(c);
    return c.body(null, 204);
  });

  api.openapi(routes.endOthers, async (c) => {
    await endSessions(peopleOf(door).accounts, signedIn(c).account, sessionOf(c.get('visitor')));
    return c.body(null, 204);
  });

  api.openapi(routes.makeToken, async (c) => {
    const { account } = signedIn(c);
    const { accounts, opened } = peopleOf(door);
    const wanted = c.req.valid('json');
    const held = await listTokens(accounts, opened.id, account);
    if (held.length >= mostTokens) {
      throw new Fault('usage', {
        what: 'You have as many tokens as there may be.',
        expected: `fewer than ${mostTokens}`,
        next: 'revoke one first',
      });
    }
    return c.json(await makeToken(accounts, opened.id, account, wanted), 200);
  });

  api.openapi(routes.revokeToken, async (c) => {
    const { accounts, opened } = peopleOf(door);
    if (!(await revokeToken(accounts, opened.id, signedIn(c).account, c.req.valid('param').id))) throw nothing();
    return c.body(null, 204);
  });

  return api;
}

const mostTokens = 50;
