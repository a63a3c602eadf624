// Accounts and a real case for tests of the server with people in it: on the cluster of the test run.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newCase, type OpenCase } from '../log/case.ts';
import { addMembership, addPerson, drawPerson, type Person } from '../protect/accounts.ts';
import { inTransaction, openAccounts, type Accounts } from '../protect/home-schema.ts';
import { openSession } from '../protect/sessions.ts';
import type { Role } from '../protect/roles.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';

export interface PeopleFixture {
  home: TestHome;
  accounts: Accounts;
  /** What the accounts take for now; to be moved by tests. */
  now: { at: number };
  makeCase(title: string): Promise<OpenCase>;
  /** Somebody with an account and these roles in a case; without an account where `account` is given. */
  person(opened: OpenCase, name: string, roles: readonly Role[], account?: string): Promise<Person>;
  /** The secret of a fresh session. */
  session(opened: OpenCase, person: Person): Promise<string>;
  close(): Promise<void>;
}

/** A home with nobody in it. */
export async function openPeople(): Promise<PeopleFixture> {
  const home = await openTestHome();
  const folder = await mkdtemp(join(tmpdir(), 'dalil-people-'));
  const now = { at: Date.parse('2026-11-12T15:00:00Z') };
  const accounts = await openAccounts({
    home: await openHome(home.home),
    env: home.env,
    clock: () => new Date(now.at),
  });
  const cases: OpenCase[] = [];
  return {
    home,
    accounts,
    now,
    async makeCase(title) {
      const opened = await newCase(join(folder, `case-${String(cases.length)}`), title, {
        home: await openHome(home.home),
        env: home.env,
        projections,
        actor: { name: 'operator', tool: 'test', version: '1' },
        write: true,
      });
      cases.push(opened);
      return opened;
    },
    async person(opened, name, roles, account) {
      const drawn = drawPerson(accounts, { signInName: name, name, roles });
      const person = account === undefined ? drawn : { ...drawn, account };
      await inTransaction(accounts.pool, (client) =>
        account === undefined
          ? addPerson(client, opened.id, name, person, now.at)
          : addMembership(client, opened.id, person, now.at),
      );
      return person;
    },
    session: (opened, person) => openSession(accounts, opened.id, person.account, 'password', 'test'),
    async close() {
      for (const opened of cases) await opened.close();
      await accounts.close();
      await home.close();
      await rm(folder, { recursive: true });
    },
  };
}
