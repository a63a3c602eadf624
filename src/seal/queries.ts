// Whether a case has anybody to ask for the time: known before anything of timestamps is loaded.
import type { OpenCase } from '../log/case.ts';

/** True where the case names a time authority that was not withdrawn since. */
export async function hasAuthority({ index }: Pick<OpenCase, 'index'>): Promise<boolean> {
  const { rows } = await index.pool.query<{ withdrawn: boolean }>(
    'select distinct on (name collate "C") withdrawn from authority order by name collate "C", position desc',
  );
  return rows.some(({ withdrawn }) => !withdrawn);
}
