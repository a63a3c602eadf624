// dalil accounts: the people of a case, from the machine that serves it: the door for whoever can no longer come in by
// any other, and for taking somebody's access away when no administrator can.
import {
  accountOf,
  addMembership,
  changePerson,
  closeAccount,
  drawPerson,
  listPeople,
  plainName,
  refuseTaken,
  type Person,
  type PersonView,
} from '../../protect/accounts.ts';
import { recordAct } from '../../protect/acts.ts';
import { inTransaction, openAccounts, type Accounts } from '../../protect/home-schema.ts';
import { invite, listInvitations } from '../../protect/invitations.ts';
import { inRoleOrder, isRole, roles, type Role } from '../../protect/roles.ts';
import type { OpenCase } from '../../log/case.ts';
import { Fault } from '../../case/fault.ts';
import { text, usage, type Command, type Context, type Values } from '../command.ts';
import { columns, printable } from '../terminal.ts';

const forms = 'dalil accounts [list | invite | recover NAME | revoke NAME | roles NAME] …';

export const accountsCommand: Command = {
  name: 'accounts',
  usage: '[list | invite --roles R,R | recover NAME | revoke NAME | roles NAME --roles R,R]',
  summary: 'who may sign in to this case, in which roles; links for whoever is new, or has lost every way in',
  options: { roles: { type: 'string' }, name: { type: 'string' }, url: { type: 'string' } },
  help: [
    ['(nothing), list', 'the people of this case and its open invitations'],
    ['invite --roles R,R', 'a link that lets somebody in once; --name TEXT, the working name thought of for them'],
    ['recover NAME', 'a link with which somebody sets up new ways to sign in; the old ones end when it is used'],
    ['revoke NAME', 'close their account on this machine: sessions and tokens end, nothing opens it again'],
    ['roles NAME --roles R,R', `other roles in this case: ${roles.join(', ')}`],
    ['  --name TEXT', 'for somebody with an account here who is not of this case yet: their working name in it'],
    ['--url URL', 'where people reach the application (http://localhost:4780), for links'],
    ['NAME', 'the working name, or what they sign in with'],
  ],
  async run(context, { positionals, values }) {
    const [act = 'list', ...rest] = positionals;
    const one = rest.length === 1 ? rest[0] : undefined;
    const acts: Record<string, ((opened: OpenCase, accounts: Accounts) => Promise<number>) | undefined> = {
      list: rest.length === 0 ? (opened, accounts) => list(context, opened, accounts) : undefined,
      invite: rest.length === 0 ? (opened, accounts) => inviteOne(context, opened, accounts, values) : undefined,
      recover: one === undefined ? undefined : (opened, accounts) => recover(context, opened, accounts, values, one),
      revoke: one === undefined ? undefined : (opened, accounts) => revoke(context, opened, accounts, one),
      roles: one === undefined ? undefined : (opened, accounts) => giveRoles(context, opened, accounts, values, one),
    };
    const found = Object.hasOwn(acts, act) ? acts[act] : undefined;
    if (found === undefined) throw usage('What is to be done?', forms, positionals.join(' '), 'dalil accounts --help');
    const opened = await context.openCase({ write: act === 'revoke' || act === 'roles' });
    const accounts = await openAccounts({ home: opened.home, env: context.env });
    try {
      return await found(opened, accounts);
    } finally {
      await accounts.close();
    }
  },
};

async function list({ terminal, json }: Context, { id }: OpenCase, accounts: Accounts): Promise<number> {
  const people = await everybody(accounts, id);
  const invitations = await listInvitations(accounts, id);
  if (json) {
    for (const { account: _, ...person } of people) terminal.out(JSON.stringify(person));
    for (const { account, byName, ...rest } of invitations)
      terminal.out(JSON.stringify({ ...rest, by: byName, kind: account === null ? 'invitation' : 'recovery' }));
    return 0;
  }
  const rows = people.map(({ name, signInName, roles: held, gone }) => [
    printable(name),
    gone === null ? held.join(', ') || 'no role' : `gone since ${gone.slice(0, 10)}`,
    `signs in as ${printable(signInName)}`,
  ]);
  for (const line of columns(rows)) terminal.out(line);
  for (const { name, roles: promised, until, account } of invitations) {
    const what = account === null ? `invitation (${promised.join(', ') || 'no role'})` : 'recovery';
    terminal.out(`${what}${name === null ? '' : ` for ${printable(name)}`}, open until ${until.slice(0, 16)}Z`);
  }
  if (people.length === 0) terminal.say('Nobody has an account in this case.');
  terminal.say(`next: ${people.length === 0 ? 'dalil serve' : 'dalil accounts invite --roles analyst'}`);
  return 0;
}

async function inviteOne(context: Context, { id }: OpenCase, accounts: Accounts, values: Values): Promise<number> {
  const promised = rolesOf(values);
  const made = await invite(accounts, id, { name: text(values, 'name') ?? null, roles: promised, by: 'machine' });
  return sayLink(context, values, made, `lets somebody in once, as ${promised.join(', ') || 'nobody in particular'}`);
}

async function recover(
  context: Context,
  { id }: OpenCase,
  accounts: Accounts,
  values: Values,
  who: string,
): Promise<number> {
  const { account, name, gone } = await find(accounts, id, who);
  if (gone !== null) {
    throw usage(
      'This person is no longer here.',
      'somebody who is',
      'gone',
      'dalil accounts invite, for an account of their own',
    );
  }
  const made = await invite(accounts, id, { account, name, roles: [], by: 'machine' });
  return sayLink(context, values, made, 'sets up new ways to sign in; the old ones end when it is used');
}

function sayLink(
  { terminal, json }: Context,
  values: Values,
  { secret, until }: { secret: string; until: string },
  what: string,
): number {
  const given = text(values, 'url') ?? 'http://localhost:4780';
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw usage('--url takes the address of the application.', 'http://… or https://…', 'something else');
  const link = `${new URL(given).origin}/join#${secret}`;
  if (json) terminal.out(JSON.stringify({ link, until }));
  else terminal.out(`open once: ${terminal.bold(link)}`);
  terminal.say(`It ${what}; good until ${until.slice(0, 16)}Z. Hand it over where nobody reads along.`);
  terminal.say('next: dalil serve');
  return 0;
}

async function revoke({ terminal }: Context, opened: OpenCase, accounts: Accounts, who: string): Promise<number> {
  const person = await find(accounts, opened.id, who);
  if (person.gone === null) {
    await closeAccount(accounts, person.account, () => record(opened, { ...person, roles: [] }, 'gone'));
    terminal.say(
      'Closed: it opens nothing any more on this machine, and what they did stays under their working name.',
    );
  } else terminal.say('They were gone already.');
  terminal.say('next: dalil accounts');
  return 0;
}

async function giveRoles(
  { terminal }: Context,
  opened: OpenCase,
  accounts: Accounts,
  values: Values,
  who: string,
): Promise<number> {
  const wanted = rolesOf(values);
  const known = (await everybody(accounts, opened.id)).find((person) => isCalled(person, who));
  if (known !== undefined && known.gone === null) {
    await changePerson(accounts, opened.id, known.member, { roles: wanted, gone: false }, () =>
      record(opened, { ...known, roles: wanted }, 'here'),
    );
    terminal.say('Their sessions and tokens in this case have ended: they sign in again, in their new roles.');
  } else await joinCase(accounts, opened, who, text(values, 'name'), wanted);
  terminal.say('next: dalil accounts');
  return 0;
}

/** Somebody with an account on this machine comes into a further case, under a working name of its own. */
async function joinCase(
  accounts: Accounts,
  opened: OpenCase,
  who: string,
  name: string | undefined,
  wanted: Role[],
): Promise<void> {
  const account = await accountOf(accounts, who);
  if (account === null) throw nobody();
  if (name === undefined) {
    throw usage('They are not of this case yet.', '--name, their working name in this case', 'no name');
  }
  const person: Person = { ...drawPerson(accounts, { signInName: who, name, roles: wanted }), account };
  await inTransaction(accounts.pool, async (client) => {
    await refuseTaken(client, opened.id, { name });
    await addMembership(client, opened.id, person, accounts.clock().getTime());
    await record(opened, person, 'here');
  });
}

function rolesOf(values: Values): Role[] {
  const given = text(values, 'roles');
  const names = given?.split(',').map((name) => name.trim()) ?? [];
  const wrong = names.find((name) => !isRole(name));
  if (given === undefined || wrong !== undefined)
    throw usage('--roles takes roles, with commas between.', roles.join(', '), wrong ?? 'nothing');
  return inRoleOrder(names.filter(isRole));
}

const record = (opened: OpenCase, { member, name, roles: held }: Person, state: 'here' | 'gone') =>
  recordAct(opened, { kind: 'protect.member', member, name, roles: held, state });

const isCalled = (person: PersonView, who: string): boolean =>
  person.name === who || person.signInName === plainName(who);

async function find(accounts: Accounts, caseId: string, who: string): Promise<PersonView> {
  const found = (await everybody(accounts, caseId)).filter((person) => isCalled(person, who));
  if (found.length === 0) throw nobody();
  if (found.length > 1)
    throw usage('Two people are called so, one by each kind of name.', 'a name of one of them', 'of both');
  return found[0]!;
}

/** All people of a case, page by page. */
async function everybody(accounts: Accounts, caseId: string): Promise<PersonView[]> {
  const all: PersonView[] = [];
  for (let after = ''; ;) {
    const page = await listPeople(accounts, caseId, { after, limit: 200 });
    all.push(...page);
    if (page.length < 200) return all;
    after = page.at(-1)!.name;
  }
}

const nobody = (): Fault =>
  new Fault('usage', {
    what: 'There is nobody of this name in this case.',
    expected: 'a working name, or what somebody signs in with',
    next: 'dalil accounts',
  });
