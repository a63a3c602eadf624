// The people of a case, for its administrators: who is here, in which roles, and how others come in. An administrator
// reaches people through their own case alone, never an account as such: its ways to sign in are its person's, and the
// machine's (`dalil accounts`).
import { createHash } from 'node:crypto';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { changePerson, findPerson, listPeople, type Person, type PersonView } from '../protect/accounts.ts';
import { invite, listInvitations, withdrawInvitation } from '../protect/invitations.ts';
import { endSession, listSessions } from '../protect/sessions.ts';
import { invitedSchema, inviteSchema, peopleSchema, personSchema, roleSet, sessionsSchema } from './account-schemas.ts';
import { answers, asked, done, newApi } from './api.ts';
import { peopleOf, type Door } from './door.ts';
import { Refusal } from './problem.ts';
import { pageQuerySchema } from './schemas.ts';
import { recordMember } from './sign-in-api.ts';
import { signedIn, type Env } from './visitor.ts';

const member = z.object({ member: z.string().max(40) });
const ifMatch = z.object({
  'if-match': z.string().optional().openapi({ description: 'The ETag of the person as you saw them.' }),
});

const routes = {
  list: createRoute({
    method: 'get',
    path: '/api/people',
    summary: 'Who is and was of this case, a page at a time, and the open invitations (with the first page).',
    request: { query: pageQuerySchema },
    responses: answers(peopleSchema),
  }),
  read: createRoute({
    method: 'get',
    path: '/api/people/{member}',
    summary: 'One person of this case; the ETag changes with their roles.',
    request: { params: member },
    responses: answers(personSchema),
  }),
  invite: createRoute({
    method: 'post',
    path: '/api/people/invitations',
    summary: 'A link that lets somebody in, once, in these roles.',
    request: asked(inviteSchema),
    responses: answers(invitedSchema),
  }),
  withdraw: createRoute({
    method: 'delete',
    path: '/api/people/invitations/{id}',
    summary: 'Withdraws an invitation.',
    request: { params: z.object({ id: z.string().max(40) }) },
    responses: done,
  }),
  setRoles: createRoute({
    method: 'put',
    path: '/api/people/{member}/roles',
    summary: 'Gives a person other roles. Their sessions and tokens in this case end.',
    request: { params: member, headers: ifMatch, ...asked(z.object({ roles: roleSet })) },
    responses: answers(personSchema),
  }),
  remove: createRoute({
    method: 'delete',
    path: '/api/people/{member}',
    summary: 'Takes a person out of this case. What they did stays, under their working name.',
    request: { params: member, headers: ifMatch },
    responses: done,
  }),
  sessions: createRoute({
    method: 'get',
    path: '/api/people/{member}/sessions',
    summary: 'The open sessions of a person in this case.',
    request: { params: member },
    responses: answers(sessionsSchema),
  }),
  endSession: createRoute({
    method: 'delete',
    path: '/api/people/{member}/sessions/{id}',
    summary: 'Ends a session of a person in this case.',
    request: { params: member.extend({ id: z.string().max(40) }) },
    responses: done,
  }),
};

const nobody = (): Refusal =>
  new Refusal(404, 'usage', { what: 'There is nobody of this name in this case.', next: 'read the list again' });

const etagOf = ({ roles, gone }: PersonView): string =>
  `"${createHash('sha256')
    .update(JSON.stringify([roles, gone]))
    .digest('base64url')
    .slice(0, 16)}"`;

const shown = (person: PersonView) => ({ ...person, etag: etagOf(person) });

/** Refuses a change of somebody who is no longer as the writer saw them. */
function refuseStale(seen: string | undefined, person: PersonView): void {
  if (seen === undefined || seen === '*' || seen === etagOf(person)) return;
  throw new Refusal(
    412,
    'usage',
    { what: 'Somebody else has changed this person meanwhile.', next: 'read them again, then decide' },
    'changed-meanwhile',
  );
}

/** The routes of an administrator. */
export function peopleApi(door: Door): OpenAPIHono<Env> {
  const api = newApi();

  const find = async (who: string): Promise<PersonView> => {
    const { accounts, opened } = peopleOf(door);
    const person = await findPerson(accounts, opened.id, { member: who });
    if (person === null) throw nobody();
    return person;
  };

  /** Writes a change down in the name of who makes it, and makes it. */
  const change = async (
    by: Person,
    person: PersonView,
    to: Pick<Person, 'roles'> & { gone: boolean },
  ): Promise<void> => {
    const people = peopleOf(door);
    await changePerson(people.accounts, people.opened.id, person.member, to, () =>
      recordMember(people, by, { ...person, roles: to.roles }, to.gone ? 'gone' : 'here'),
    );
  };

  api.openapi(routes.list, async (c) => {
    const { accounts, opened } = peopleOf(door);
    const { after, limit } = c.req.valid('query');
    const found = await listPeople(accounts, opened.id, { ...(after !== undefined && { after }), limit: limit + 1 });
    const people = found.slice(0, limit);
    const open = after === undefined ? await listInvitations(accounts, opened.id) : [];
    const invitations = open.map(({ account, byName, ...rest }) => ({
      ...rest,
      by: byName,
      kind: account === null ? 'invitation' : 'recovery',
    }));
    const next = found.length > limit ? people.at(-1)!.name : null;
    return c.json(peopleSchema.parse({ people: people.map(shown), invitations, next }), 200);
  });

  api.openapi(routes.read, async (c) => {
    const person = await find(c.req.valid('param').member);
    c.header('etag', etagOf(person));
    return c.json(personSchema.parse(shown(person)), 200);
  });

  api.openapi(routes.invite, async (c) => {
    const { accounts, opened } = peopleOf(door);
    const { name, roles } = c.req.valid('json');
    const { secret, id, until } = await invite(accounts, opened.id, { name, roles, by: signedIn(c).member });
    // Behind the #, so that it stands in no log of a proxy and in no Referer.
    return c.json({ id, link: `${door.origins().at(-1)!}/join#${secret}`, until }, 200);
  });

  api.openapi(routes.withdraw, async (c) => {
    const { accounts, opened } = peopleOf(door);
    if (!(await withdrawInvitation(accounts, opened.id, c.req.valid('param').id))) throw nobody();
    return c.body(null, 204);
  });

  api.openapi(routes.setRoles, async (c) => {
    const person = await find(c.req.valid('param').member);
    refuseStale(c.req.valid('header')['if-match'], person);
    if (person.gone !== null) throw nobody();
    await change(signedIn(c), person, { roles: c.req.valid('json').roles, gone: false });
    const after = await find(person.member);
    c.header('etag', etagOf(after));
    return c.json(personSchema.parse(shown(after)), 200);
  });

  api.openapi(routes.remove, async (c) => {
    const person = await find(c.req.valid('param').member);
    refuseStale(c.req.valid('header')['if-match'], person);
    if (person.gone !== null) throw nobody();
    await change(signedIn(c), person, { roles: [], gone: true });
    return c.body(null, 204);
  });

  api.openapi(routes.sessions, async (c) => {
    const person = await find(c.req.valid('param').member);
    const { accounts, opened } = peopleOf(door);
    const visitor = c.get('visitor');
    const own = visitor.as === 'person' ? visitor.session.id : null;
    const sessions = await listSessions(accounts, opened.id, person.account);
    return c.json(sessionsSchema.parse({ sessions: sessions.map((one) => ({ ...one, own: one.id === own })) }), 200);
  });

  api.openapi(routes.endSession, async (c) => {
    const { member: who, id } = c.req.valid('param');
    const person = await find(who);
    const { accounts, opened } = peopleOf(door);
    if (!(await endSession(accounts, opened.id, person.account, id))) throw nobody();
    return c.body(null, 204);
  });

  return api;
}
