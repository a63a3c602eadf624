// One thing that was found: what it is, and each place where a word stands, marked by numbers that the server gave. Whatever
// a file says stays text: nothing here is ever markup.
import { Fragment } from 'react';
import type { ReactNode } from 'react';
import type { SearchHit, SearchWhy } from '../../api-types.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Count, Foreign, Literal, Say } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';

/** Where a thing has its page. */
function addressOf({ kind, handle }: SearchHit): string {
  if (kind === 'individual') return `/individuals/${handle}`;
  return kind === 'source' ? '/sources' : `/items/${handle}`;
}

type Marks = SearchWhy['marks'];

/** What stands between two places of a text, with what is marked there. */
function markedPart(text: string, marks: Marks, from: number, to: number): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = from;
  for (const mark of marks) {
    const [start, end] = [Math.max(mark.start, from), Math.min(mark.end, to)];
    if (start >= end) continue;
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  return [...parts, text.slice(at, to)];
}

/** As `Path` shows it: each name in a direction of its own, or Arabic in one would carry the digits of the next along. */
function MarkedPath({ text, marks }: { text: string; marks: Marks }): ReactNode {
  return [...text.matchAll(/[^/]+/g)].map(({ 0: name, index }) => (
    <Fragment key={index}>
      {index > 0 && '/'}
      <bdi>{markedPart(text, marks, index, index + name.length)}</bdi>
    </Fragment>
  ));
}

/** A text with its marks, isolated, its direction its own; a path is read from left to right. */
function Marked({ why: { field, text, before, after, marks } }: { why: SearchWhy }): ReactNode {
  // What is read as prose stands on the side of its own script; what is short stands where the page begins.
  const dir = field === 'path' || field === 'handle' || field === 'number' || field === 'key' ? 'ltr' : 'auto';
  return (
    <bdi dir={dir} className={field === 'text' || field === 'claim' ? 'snippet prose' : 'snippet'}>
      {before && '… '}
      {field === 'path' ? <MarkedPath text={text} marks={marks} /> : markedPart(text, marks, 0, text.length)}
      {after && ' …'}
    </bdi>
  );
}

function Where({ why }: { why: SearchWhy }): ReactNode {
  const { m, share } = useLanguage();
  const { field, name, page, state, probability, marks } = why;
  const roles: Readonly<Record<string, string>> = m.roles;
  const named = name !== null && Object.hasOwn(roles, name) ? roles[name] : name;
  return (
    <>
      {m.search.fields[field]}
      {named !== null && (
        <>
          {m.app.comma}
          <bdi>{named}</bdi>
        </>
      )}
      {page !== null && (
        <>
          {m.app.comma}
          <Say text={m.search.part} n={<Count n={page} />} />
        </>
      )}
      {state !== null && (
        <span className="state">
          <Mark kind={state === 'accepted' ? 'accepted' : state === 'overruled' ? 'broken' : 'proposed'}>
            {m.search.states[state]}
            {probability !== null && (
              <>
                {m.app.comma}
                <Say text={m.search.at} p={<bdi>{share(probability, 1)}</bdi>} />
              </>
            )}
          </Mark>
        </span>
      )}
      {marks.length > 0 && marks.every(({ exact }) => !exact) && <span className="state">{m.search.loosely}</span>}
    </>
  );
}

/** A result: its name leads to its page. */
export function Hit({ hit }: { hit: SearchHit }): ReactNode {
  const { m } = useLanguage();
  const { handle, kind, title, key, category, destroyed, why } = hit;
  const roles: Readonly<Record<string, string>> = m.roles;
  return (
    <li>
      <h3>
        <Link to={addressOf(hit)}>
          <Literal>{handle}</Literal>
        </Link>{' '}
        <span className="title">
          {key === null ? (
            <Foreign>{title}</Foreign>
          ) : (
            Object.entries(key).map(([role, value], i) => (
              <span key={role}>
                {i > 0 && m.app.comma}
                {roles[role] ?? role} <Literal>{value}</Literal>
              </span>
            ))
          )}
        </span>
      </h3>
      <p className="soft small kinds">
        <span>{m.search.kinds[kind]}</span>
        {category !== null && <span>{m.categories[category]}</span>}
        {destroyed && <Mark kind="broken">{m.search.destroyed}</Mark>}
      </p>
      {why.length === 0 ? (
        <p className="soft small">{m.search.elsewhere}</p>
      ) : (
        <dl className="why">
          {why.map((one, i) => (
            // The same record may say two things: the place in the list is what tells them apart.
            <div key={`${one.field} ${String(one.record)} ${String(i)}`}>
              <dt>
                <Where why={one} />
              </dt>
              <dd>
                <Marked why={one} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
