// That pictures were put to individuals, and up to which record that knew: so that what people have said since can be told
// from what is in the grouping already.
import type { OpenCase } from '../log/case.ts';

/** Acts of people, times and counters as exiftool reads them, and numbers read, that individuals follow from. What waits to be described or read is counted elsewhere. */
export const inputKinds = [
  'describe.metadata',
  'describe.card',
  'group.rules',
  'group.reading',
  'group.near',
  'group.link',
  'group.settlement',
  'group.category',
  'group.merge',
  'group.split',
  'group.move',
] as const;

interface Reach {
  /** Position of the newest record that individuals follow from, and the newest that the last gathering knew; -1: none. */
  newest: number;
  known: number;
}

async function reach({ index }: Pick<OpenCase, 'index'>): Promise<Reach> {
  const { rows } = await index.pool.query<Reach>(
    `select coalesce((select max(position) from record where kind = any($1)), -1) as newest,
       coalesce((select max(through) from gathering), -1) as known`,
    [inputKinds],
  );
  return { newest: Number(rows[0]!.newest), known: Number(rows[0]!.known) };
}

/** Whether something was decided or read since individuals were last gathered. */
export async function waitsForGathering(opened: Pick<OpenCase, 'index'>): Promise<boolean> {
  const { newest, known } = await reach(opened);
  return newest > known;
}

/** Does what gathers, and writes down up to what it knew: last, so that one which was broken off is done again. */
export async function gathered(opened: OpenCase, gather: () => Promise<void>): Promise<void> {
  const { newest, known } = await reach(opened);
  await gather();
  if (newest <= known) return;
  await opened.log.append(opened.actor, (turn) => {
    turn.add({ kind: 'group.gathering', through: newest });
  });
}
