// Coming in and going out: the first account, invitations, passkeys, passwords. What fails says one thing whatever it
// was, after the same work, so that nobody learns here who has an account.
import type { Context } from 'hono';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { encode } from 'uqr';
import { Fault } from '../case/fault.ts';
import { addPerson, drawPerson, findPerson, personOf, type Person } from '../protect/accounts.ts';
import { recordAct } from '../protect/acts.ts';
import {
  checkOffer,
  checkPassword,
  forgetCredentials,
  keepOffer,
  knowDevice,
  newRecoveryCodes,
  type Offer,
} from '../protect/credentials.ts';
import { inTransaction } from '../protect/home-schema.ts';
import { readInvitation, useInvitation } from '../protect/invitations.ts';
import { checkPasskey, creationOptions, partyOf, requestOptions, type Party } from '../protect/passkeys.ts';
import { rolesOfOneAlone, type Role } from '../protect/roles.ts';
import { endSession, type Proof } from '../protect/sessions.ts';
import { toBase32, totpUri } from '../protect/totp.ts';
import {
  acceptSchema,
  assertionSchema,
  ceremonySchema,
  enteredSchema,
  invitationLookSchema,
  passwordSignInSchema,
  setUpSchema,
  signInName,
  totpOfferSchema,
} from './account-schemas.ts';
import { answers, asked, done, newApi } from './api.ts';
import { peopleOf, type Door } from './door.ts';
import { Refusal } from './problem.ts';
import type { People } from './server.ts';
import { caseOf, type Env } from './visitor.ts';

const post = (path: string, summary: string) => ({ method: 'post' as const, path, summary });

const routes = {
  makeOptions: createRoute({
    ...post('/api/passkeys/options', 'Options to make a passkey with.'),
    request: asked(z.object({ signInName })),
    responses: answers(ceremonySchema),
  }),
  requestOptions: createRoute({
    ...post('/api/passkeys/challenge', 'Options to sign in with a passkey; no name is asked.'),
    responses: answers(ceremonySchema),
  }),
  totp: createRoute({
    ...post('/api/totp/offer', 'A fresh secret for an authenticator application. Nothing is kept yet.'),
    request: asked(z.object({ signInName })),
    responses: answers(totpOfferSchema),
  }),
  setUp: createRoute({
    ...post('/api/set-up', 'Makes the first account of this home: an administrator of this case.'),
    request: asked(setUpSchema),
    responses: answers(enteredSchema),
  }),
  byPasskey: createRoute({
    ...post('/api/sign-in/passkey', 'Signs in with a passkey.'),
    request: asked(z.object({ response: assertionSchema })),
    responses: answers(enteredSchema),
  }),
  byPassword: createRoute({
    ...post('/api/sign-in/password', 'Signs in with a name, a password, and a code or a recovery code.'),
    request: asked(passwordSignInSchema),
    responses: answers(enteredSchema),
  }),
  look: createRoute({
    ...post('/api/invitation/look', 'What an invitation is for.'),
    request: asked(z.object({ secret: z.string().max(100) })),
    responses: answers(invitationLookSchema),
  }),
  accept: createRoute({
    ...post('/api/invitation/accept', 'Takes an invitation up: a new account, or new ways into an old one.'),
    request: asked(acceptSchema),
    responses: answers(enteredSchema),
  }),
  signOut: createRoute({
    ...post('/api/sign-out', 'Ends this session.'),
    responses: done,
  }),
};

const wrong = (): Refusal =>
  new Refusal(
    403,
    'no-permission',
    { what: 'This did not sign you in.', next: 'check what you gave; who has lost it asks an administrator' },
    'wrong',
  );

/** Writes down that somebody is of this case, with these roles. */
export function recordMember(
  people: People,
  by: Person | null,
  person: Person,
  state: 'here' | 'gone',
): Promise<unknown> {
  const { member, name, roles } = person;
  // By the first administrator, or by the invitation's: the act is theirs whose right it is.
  const opened = by === null ? people.opened : caseOf(people.opened, by);
  return recordAct(opened, { kind: 'protect.member', member, name, roles, state });
}

/** The routes of coming in. */
export function signInApi(door: Door): OpenAPIHono<Env> {
  const api = newApi();
  const party = (): Party => partyOf(door.origins());

  /** Somebody has proved who they are: written down, then let in. */
  async function enter(c: Context<Env>, person: Person, how: Proof): Promise<void> {
    const { accounts, opened } = peopleOf(door);
    await recordAct(caseOf(opened, person), { kind: 'protect.login', member: person.member, how });
    await door.enter(c, person.account, how);
    if (how !== 'passkey') door.giveDevice(c, await knowDevice(accounts, person.account, door.deviceSecret(c)));
  }

  api.openapi(routes.makeOptions, async (c) => {
    const { accounts } = peopleOf(door);
    return c.json(ceremonySchema.parse(await creationOptions(accounts, party(), c.req.valid('json').signInName)), 200);
  });

  api.openapi(routes.requestOptions, async (c) =>
    c.json(ceremonySchema.parse(await requestOptions(peopleOf(door).accounts, party(), 'sign-in')), 200),
  );

  api.openapi(routes.totp, (c) => {
    const drawn = peopleOf(door).accounts.random(20);
    const uri = totpUri(drawn, c.req.valid('json').signInName);
    const { data } = encode(uri, { ecc: 'M', border: 0 });
    const qr = data.map((row) => row.map((dark) => (dark ? '1' : '0')).join(''));
    return c.json({ secret: toBase32(drawn), uri, qr }, 200);
  });

  api.openapi(routes.setUp, async (c) => {
    const people = peopleOf(door);
    const asks = c.req.valid('json');
    const roles: Role[] = ['administrator', ...(asks.alone ? rolesOfOneAlone : [])];
    const offer = await checkOffer(people.accounts, party(), asks.signInName, asks.offer as Offer);
    const person = drawPerson(people.accounts, { signInName: asks.signInName, name: asks.name, roles });
    const recoveryCodes = await inTransaction(people.accounts.pool, async (client) => {
      // Two who have the page open at once: one is first.
      await client.query('lock table account in exclusive mode');
      const { rows } = await client.query<{ any: boolean }>('select exists (select from account) as any');
      if (rows[0]!.any) {
        throw new Refusal(409, 'no-permission', { what: 'Somebody has an account here already.', next: 'sign in' });
      }
      await addPerson(client, people.opened.id, asks.signInName, person, people.accounts.clock().getTime());
      await keepOffer(client, people.accounts, person.account, offer);
      const codes = await newRecoveryCodes(client, people.accounts, person.account);
      await recordMember(people, person, person, 'here');
      return codes;
    });
    await enter(c, person, asks.offer.kind);
    return c.json({ member: person.member, recoveryCodes }, 200);
  });

  api.openapi(routes.byPasskey, async (c) => {
    const { accounts, opened } = peopleOf(door);
    const account = await checkPasskey(accounts, party(), 'sign-in', c.req.valid('json').response);
    const person = account === null ? null : await personOf(accounts, opened.id, account);
    if (person === null) throw wrong();
    await enter(c, person, 'passkey');
    return c.json({ member: person.member, recoveryCodes: null }, 200);
  });

  api.openapi(routes.byPassword, async (c) => {
    const { accounts, opened } = peopleOf(door);
    const device = door.deviceSecret(c);
    const found = await checkPassword(accounts, { ...c.req.valid('json'), device, client: c.get('client') });
    const person = found === null ? null : await personOf(accounts, opened.id, found.account);
    if (found === null || person === null) throw wrong();
    await enter(c, person, found.how);
    return c.json({ member: person.member, recoveryCodes: null }, 200);
  });

  api.openapi(routes.look, async (c) => {
    const { accounts, opened } = peopleOf(door);
    const { account, byName, ...rest } = await readInvitation(accounts, opened.id, c.req.valid('json').secret);
    const kind = account === null ? ('invitation' as const) : ('recovery' as const);
    return c.json(invitationLookSchema.parse({ ...rest, kind, by: byName }), 200);
  });

  api.openapi(routes.accept, async (c) => {
    const people = peopleOf(door);
    const { accounts, opened } = people;
    const asks = c.req.valid('json');
    const invitation = await readInvitation(accounts, opened.id, asks.secret);
    const at = accounts.clock().getTime();
    const old = invitation.account === null ? null : await personOf(accounts, opened.id, invitation.account);
    if (old === null && (invitation.account !== null || asks.signInName === undefined || asks.name === undefined)) {
      throw new Fault('usage', { what: 'A name to sign in with, and a working name, are needed.', next: 'give both' });
    }
    const person =
      old ?? drawPerson(accounts, { signInName: asks.signInName!, name: asks.name!, roles: invitation.roles });
    const offer = await checkOffer(accounts, party(), asks.signInName ?? person.name, asks.offer as Offer);
    const inviter = await findPerson(accounts, opened.id, { member: invitation.by });
    const recoveryCodes = await inTransaction(accounts.pool, async (client) => {
      await useInvitation(client, invitation.id, at);
      if (old === null) await addPerson(client, opened.id, asks.signInName!, person, at);
      else await forgetCredentials(client, person.account);
      await keepOffer(client, accounts, person.account, offer);
      const codes = await newRecoveryCodes(client, accounts, person.account);
      if (old === null) await recordMember(people, inviter, person, 'here');
      return codes;
    });
    await enter(c, person, 'link');
    return c.json({ member: person.member, recoveryCodes }, 200);
  });

  api.openapi(routes.signOut, async (c) => {
    const visitor = c.get('visitor');
    const { accounts, opened } = peopleOf(door);
    if (visitor.as === 'person') await endSession(accounts, opened.id, visitor.person.account, visitor.session.id);
    door.leave(c);
    return c.body(null, 204);
  });

  return api;
}
