// The people of a case for its backup: accounts, ways to sign in, what they have viewed; with the key that opens second factors.
// Sessions, tokens, invitations and leases are not in it: nothing that was open on the old machine is open on the new one.
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '../case/fault.ts';
import { replaceFile, type Home } from '../store/home.ts';
import { anyAccount } from './accounts.ts';
import { inTransaction, type Accounts } from './home-schema.ts';

/** In the order in which they cite one another; each with the condition that says which rows are of the case `$1`. */
const ofAccount = 'account in (select account from membership where case_id = $1)';
const tables: readonly [string, string][] = [
  ['account', 'id in (select account from membership where case_id = $1)'],
  ['membership', 'case_id = $1'],
  ['password', ofAccount],
  ['totp', ofAccount],
  ['recovery_code', ofAccount],
  ['passkey', ofAccount],
  ['viewing', 'case_id = $1'],
  ['viewing_limits', 'case_id = $1'],
  ['saved_search', `case_id = $1 and ${ofAccount}`],
];

const format = 'dalil-people/1';
const backup = z.strictObject({
  format: z.literal(format),
  case: z.string(),
  /** Base64. */
  key: z.base64(),
  rows: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
});

/** The people of a case as text, which is to be encrypted at once; null where there is nobody. */
export async function backUpPeople({ pool, key }: Accounts, caseId: string): Promise<string | null> {
  const rows: Record<string, Record<string, unknown>[]> = {};
  await inTransaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    for (const [table, condition] of tables) {
      const found = await client.query<{ row: Record<string, unknown> }>(
        `select to_jsonb(t) as row from ${table} t where ${condition} order by to_jsonb(t)::text`,
        [caseId],
      );
      rows[table] = found.rows.map(({ row }) => row);
    }
  });
  if (rows['account']!.length === 0) return null;
  return JSON.stringify({ format, case: caseId, key: key.toString('base64'), rows } satisfies z.infer<typeof backup>);
}

/**
 * Puts people back into a home that has none of its own, and gives how many; null where it has: then they are invited.
 * Fault('input-unreadable') where the text is no backup of people. The key stands before the rows that need it.
 */
export async function restorePeople(home: Home, accounts: Accounts, text: string): Promise<number | null> {
  const parsed = backup.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new Fault('input-unreadable', {
      what: 'The people in this backup cannot be read.',
      expected: format,
      next: 'dalil restore with --without-keys leaves them out; invite them with dalil accounts',
    });
  }
  const { key, rows } = parsed.data;
  if (await anyAccount(accounts)) return null;
  await replaceFile(join(home.keys, 'accounts.key'), Buffer.from(key, 'base64'), 0o600);
  await inTransaction(accounts.pool, async (client) => {
    for (const [table] of tables) {
      await client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
        JSON.stringify(rows[table] ?? []),
      ]);
    }
  });
  return rows['account']?.length ?? 0;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
