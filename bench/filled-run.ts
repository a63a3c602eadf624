// A process of its own: makes a case, fills its index, and gives people who work on it tokens. Started with a FilledOrder as
// JSON; prints a FilledSaid.
import { newCase } from '../src/log/case.ts';
import { addPerson, drawPerson } from '../src/protect/accounts.ts';
import { inTransaction, openAccounts } from '../src/protect/home-schema.ts';
import { makeToken } from '../src/protect/tokens.ts';
import { projections } from '../src/stages.ts';
import { openHome } from '../src/store/home.ts';
import { version } from '../src/version.ts';
import { fillIndex } from './filled.ts';

export interface FilledOrder {
  home: string;
  path: string;
  pictures: number;
  people: number;
}

export interface FilledSaid {
  /** A token each, to read and write as an analyst. */
  tokens: string[];
  /** Seconds that filling took. */
  filled: number;
  /** Bytes of the index on the disk. */
  bytes: number;
}

const order = JSON.parse(process.argv[2]!) as FilledOrder;
const home = await openHome(order.home);
const opened = await newCase(order.path, 'bench', {
  home,
  env: process.env,
  projections,
  actor: { name: 'operator', tool: 'bench', version },
  write: true,
});
const start = performance.now();
await fillIndex(opened, order.pictures, (text) => console.error(`  ${text}`));
const filled = (performance.now() - start) / 1000;
const { rows } = await opened.index.pool.query<{ bytes: number }>(
  `select sum(pg_total_relation_size(c.oid))::bigint as bytes from pg_class c where relkind = 'r' and relnamespace = $1::regnamespace`,
  [opened.index.schema],
);
const accounts = await openAccounts({ home, env: process.env });
const tokens: string[] = [];
for (let i = 0; i < order.people; i++) {
  const name = `person ${String(i)}`;
  const person = drawPerson(accounts, { signInName: `${name} ${opened.id}`, name, roles: ['analyst'] });
  await inTransaction(accounts.pool, (client) =>
    addPerson(client, opened.id, `${name} ${opened.id}`, person, Date.now()),
  );
  const made = await makeToken(accounts, opened.id, person.account, {
    name: 'bench',
    scopes: ['read', 'write'],
    days: 1,
  });
  tokens.push(made.token);
}
console.log(JSON.stringify({ tokens, filled, bytes: rows[0]!.bytes } satisfies FilledSaid));
await accounts.close();
await opened.close();
