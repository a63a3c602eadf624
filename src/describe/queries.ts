// How much of what is no still picture was read: recordings and documents, each out of all that there are by content.
import type pg from 'pg';
import { documentFormats } from './document-set.ts';
import { recordingFormats } from './media-set.ts';

export interface ReadView {
  /** Sealed items, not destroyed, whose content is a recording; `of` are all, `read` those whose container was read. */
  recordings: {
    of: number;
    read: number;
    videos: number;
    withFrames: number;
    withProblems: number;
    withoutFfmpeg: number;
  };
  /** Sealed items, not destroyed, whose content is a document; `read` are those of which a text or nothing more was lost. */
  documents: { of: number; read: number; withProblems: number; pictures: number; messages: number };
}

/** Counts over the whole case, with their denominators. */
export async function countRead(pool: Pick<pg.Pool, 'query'>): Promise<ReadView> {
  const { rows: recordings } = await pool.query<ReadView['recordings']>(
    `select count(*)::int as of, count(m.item)::int as read, count(m.video)::int as videos,
       count(*) filter (where m.frames > 0)::int as "withFrames",
       count(*) filter (where exists (select from item_problem p where p.item = m.item and p.kind = 'describe.media'))::int as "withProblems",
       count(*) filter (where m.frames_why = 'no-ffmpeg')::int as "withoutFfmpeg"
     from description d join item i on i.handle = d.item left join media m on m.item = d.item
     where i.destroyed is null and d.format ~ $1`,
    [recordingFormats],
  );
  const { rows: documents } = await pool.query<ReadView['documents']>(
    `select count(*)::int as of, count(t.item)::int as read,
       count(*) filter (where exists (select from item_problem p where p.item = t.item and p.kind = 'describe.document'))::int as "withProblems",
       coalesce(sum(t.pictures), 0)::int as pictures, coalesce(sum(t.messages), 0)::int as messages
     from description d join item i on i.handle = d.item left join document t on t.item = d.item
     where i.destroyed is null and d.format ~ $1`,
    [documentFormats],
  );
  return { recordings: recordings[0]!, documents: documents[0]! };
}

/** A line for each kind that there is any of. */
export function readLines({ recordings, documents }: ReadView): string[] {
  const n = (count: number): string => count.toLocaleString('en');
  const troubled = (count: number): string => (count === 0 ? '' : `; ${n(count)} with problems`);
  const lines: string[] = [];
  if (recordings.of > 0) {
    const { of, read, videos, withFrames, withoutFfmpeg } = recordings;
    const frames = videos === 0 ? '' : `; key frames of ${n(withFrames)} of ${n(videos)} videos`;
    const why = withoutFfmpeg === 0 ? '' : ` (${n(withoutFfmpeg)} without: there was no ffmpeg)`;
    lines.push(`recordings: ${n(read)} of ${n(of)} described${frames}${why}${troubled(recordings.withProblems)}`);
  }
  if (documents.of > 0) {
    const { of, read, pictures, messages } = documents;
    const inside = [
      ...(messages > 0 ? [`${n(messages)} messages in mailboxes`] : []),
      ...(pictures > 0 ? [`${n(pictures)} pictures inside`] : []),
    ];
    const also = inside.length === 0 ? '' : `, with ${inside.join(' and ')}`;
    lines.push(`documents: ${n(read)} of ${n(of)} described${also}${troubled(documents.withProblems)}`);
  }
  return lines;
}
