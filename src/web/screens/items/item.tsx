// An item: why what is said of it can be believed; and, behind an act, the picture.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ItemPage, NumberView } from '../../../case/work-views.ts';
import { read } from '../../api.ts';
import { isFor, useDoor } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Reveal } from '../../parts/reveal.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Foreign, Literal, Path, Say } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { tableOf } from '../table/address.ts';
import { RegionList } from '../table/regions.tsx';
import './item.css';

/** A word of a closed list that may grow before its translation: then it is shown as it is. */
const wordOf = (words: Record<string, string>, name: string): ReactNode =>
  Object.hasOwn(words, name) ? words[name] : <Literal>{name}</Literal>;

function RecordLink({ n }: { n: number }): ReactNode {
  const { m } = useLanguage();
  return (
    <a href={`/api/records/${String(n)}/proof`} download={`record-${String(n)}.tlog-proof`} title={m.item.proof}>
      <Count n={n} />
    </a>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Seal({ page }: { page: ItemPage }): ReactNode {
  const { m, time } = useLanguage();
  const { seal } = page;
  return (
    <Section title={m.item.seal} lead={m.item.sealText}>
      <dl className="facts-list">
        <Fact name={m.item.record}>
          <RecordLink n={page.record} /> <span className="soft">{m.item.proof}</span>
        </Fact>
        <Fact name="SHA-256">
          <code className="hash">{page.sha256}</code> <CopyButton text={page.sha256} />
        </Fact>
        <Fact name={m.item.checkpoint}>
          <Say text={m.item.under} n={<Count n={seal.size} />} />
        </Fact>
        <Fact name={m.item.outside}>
          {seal.tokens.length + seal.witnesses.length === 0 ? (
            <Mark kind="waiting">{m.item.noOutside}</Mark>
          ) : (
            <ul>
              {seal.tokens.map(({ authority, time: at, size }) => (
                <li key={authority}>
                  <Mark kind="done">
                    <Say
                      text={m.item.token}
                      who={<Foreign>{authority}</Foreign>}
                      time={<bdi>{time(at)}</bdi>}
                      n={<Count n={size} />}
                    />
                  </Mark>
                </li>
              ))}
              {seal.witnesses.map(({ witness, time: at, size }) => (
                <li key={witness}>
                  <Mark kind="done">
                    <Say
                      text={m.item.witness}
                      who={<Foreign>{witness}</Foreign>}
                      time={<bdi>{time(at)}</bdi>}
                      n={<Count n={size} />}
                    />
                  </Mark>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name={m.item.fixity}>
          {page.fixity === null ? (
            m.item.noFixity
          ) : (
            <Mark kind={page.fixity.state === 'restored' ? 'done' : 'broken'}>
              {wordOf(m.item.fixityStates, page.fixity.state)} (<bdi>{time(page.fixity.at)}</bdi>)
            </Mark>
          )}
        </Fact>
        {page.destroyed !== null && (
          <Fact name={m.item.destroyed}>
            <Literal>{page.destroyed.reason}</Literal>
            {m.app.comma}
            <bdi>{time(page.destroyed.at)}</bdi>
          </Fact>
        )}
      </dl>
    </Section>
  );
}

function Custody({ page }: { page: ItemPage }): ReactNode {
  const { m } = useLanguage();
  const period = (from: string | null, to: string | null): ReactNode => (
    <Literal>{`${from?.slice(0, 10) ?? '?'} – ${to?.slice(0, 10) ?? '?'}`}</Literal>
  );
  return (
    <Section title={m.item.custody} lead={m.item.custodyText}>
      <ul className="plain-list">
        {page.received.map(({ path, source, accession, record, state }) => (
          <li key={record}>
            {wordOf(m.item.states, state)}: <Path>{path}</Path>{' '}
            <span className="soft">
              <Foreign>{source}</Foreign>
              {m.app.comma}
              <Literal>{accession}</Literal>
              {m.app.comma}
              <RecordLink n={record} />
            </span>
          </li>
        ))}
      </ul>
      <Table
        label={m.item.custody}
        columns={[
          { title: m.item.holder },
          { title: m.item.event },
          { title: m.item.when, kind: 'handle' },
          { title: m.item.record, kind: 'figure' },
        ]}
        rows={page.custody.map(({ holder, event, from, to, record }) => ({
          key: `${String(record)} ${event} ${from ?? ''}`,
          cells: [
            holder === null ? m.item.nobody : <Foreign key="holder">{holder}</Foreign>,
            wordOf(m.item.events, event),
            period(from, to),
            <RecordLink key="record" n={record} />,
          ],
        }))}
      />
      {page.gaps.map(({ kind, from, to }) => (
        <p key={`${kind} ${from ?? ''} ${to}`}>
          <Mark kind="problem">
            {m.item.gaps[kind]} {period(from, to)}
          </Mark>
        </p>
      ))}
    </Section>
  );
}

/** Numbers with who says so; crops come from the queue's own route. */
export function Numbers({
  numbers,
  withItem = false,
}: {
  numbers: readonly NumberView[];
  withItem?: boolean;
}): ReactNode {
  const { m, share } = useLanguage();
  if (numbers.length === 0) return <p className="soft">{m.item.noNumbers}</p>;
  return (
    <ul className="readings">
      {numbers.map(({ crop, item, role, value, probability, by }) => (
        <li key={`${item} ${crop ?? ''} ${role ?? ''} ${by ?? ''}`}>
          {crop !== null && (
            <span className="crop" dir="ltr">
              <img src={`/api/crops/${crop}`} alt={m.queues.crop} loading="lazy" />
            </span>
          )}
          <span>
            <Mark kind={by === null ? 'proposed' : 'accepted'}>
              {value === null ? m.queues.unreadable : <Foreign>{value}</Foreign>}{' '}
              <span className="soft small">
                {role !== null && (
                  <>
                    {m.roles[role]}
                    {m.app.comma}
                  </>
                )}
                {by === null ? (
                  <Say text={m.item.byMachine} p={<bdi>{share(probability ?? 0, 1)}</bdi>} />
                ) : (
                  <Say text={m.item.byPerson} name={<Foreign>{by}</Foreign>} />
                )}
              </span>
            </Mark>
          </span>
          {withItem && (
            <Link to={`/items/${item}`}>
              <Literal>{item}</Literal>
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}

function Claims({ page }: { page: ItemPage }): ReactNode {
  const { m } = useLanguage();
  return (
    <Section title={m.item.metadata} lead={m.item.metadataText}>
      {page.metadata.length === 0 ? (
        <p className="soft">{m.item.noMetadata}</p>
      ) : (
        <Table
          label={m.item.metadata}
          columns={[
            { title: m.item.field },
            { title: m.item.first, kind: 'long' },
            { title: m.item.second, kind: 'long' },
          ]}
          rows={page.metadata.map(({ name, first, second }) => ({
            key: name,
            cells: [
              wordOf(m.item.fields, name),
              first === null ? '–' : <Foreign key="first">{first}</Foreign>,
              second === null ? '–' : <Foreign key="second">{second}</Foreign>,
            ],
          }))}
        />
      )}
      {page.problems.map(({ code, record }) => (
        <p key={`${code} ${String(record)}`}>
          <Mark kind="problem">{wordOf(m.codes, code)}</Mark>
        </p>
      ))}
    </Section>
  );
}

function Marked({ page: { item, regions, tags } }: { page: ItemPage }): ReactNode {
  const { m } = useLanguage();
  const door = useDoor();
  return (
    <Section title={m.lightTable.regionsTitle} lead={m.lightTable.regionsText}>
      {regions.length === 0 && <p className="soft">{m.lightTable.noRegions}</p>}
      <RegionList item={item} regions={regions} />
      {isFor(door, ['analyst', 'lead']) && (
        <p>
          <Link to={tableOf([item])}>{m.lightTable.toTable}</Link>
        </p>
      )}
      <p>
        <Link to={`/tasks?about=${item}`}>{m.tasks.askAbout}</Link>
      </p>
      <h3>{m.tags.title}</h3>
      {tags.length === 0 ? (
        <p className="soft">{m.tags.none}</p>
      ) : (
        <ul className="plain-list">
          {tags.map(({ tag, by, record }) => (
            <li key={tag}>
              <Link to={`/timeline?${new URLSearchParams({ tag }).toString()}`}>
                <Foreign>{tag}</Foreign>
              </Link>{' '}
              <span className="soft">
                <Foreign>{by}</Foreign>
                {m.app.comma}
                <RecordLink n={record} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** The screen. */
export function ItemScreen({ handle = '' }: { handle?: string }): ReactNode {
  const { m, time } = useLanguage();
  const {
    data: page,
    error,
    refetch,
  } = useQuery({
    queryKey: ['item', handle],
    queryFn: async ({ signal }) => read<ItemPage>(`/api/items/${encodeURIComponent(handle)}`, signal),
  });
  if (page === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const { tile } = page;
  return (
    <div className="screen item">
      <h1>
        <Literal>{page.item}</Literal>
      </h1>
      <p className="soft row">
        {tile !== null && (
          <span>
            {m.categories[tile.category]}
            {m.app.comma}
            {m.tile.states[tile.state]}
          </span>
        )}
        {tile?.individual !== null && tile !== null && (
          <Link to={`/individuals/${tile.individual}`}>
            <Literal>{tile.individual}</Literal>
          </Link>
        )}
        {page.format !== null && <Literal>{page.format}</Literal>}
        {page.width !== null && page.height !== null && <Literal>{`${page.width} × ${page.height}`}</Literal>}
        <span>
          <Count n={page.size} /> {m.item.bytes}
        </span>
      </p>
      <div className="columns">
        {tile !== null && page.destroyed === null && (
          <Section title={m.reveal.title} lead={m.reveal.text}>
            <Reveal tile={tile} />
          </Section>
        )}
        <Section title={m.item.numbers} lead={m.individuals.proposals}>
          <Numbers numbers={page.numbers} />
        </Section>
        <Seal page={page} />
        <Custody page={page} />
        <Claims page={page} />
        {tile !== null && <Marked page={page} />}
        <Section title={m.item.likeness} lead={m.item.likenessText}>
          {page.likeness.length === 0 ? (
            <p className="soft">{m.item.noLikeness}</p>
          ) : (
            <ul className="plain-list">
              {page.likeness.map(({ item, distance, direction, record }) => (
                <li key={item}>
                  <Link to={`/items/${item}`}>
                    <Literal>{item}</Literal>
                  </Link>{' '}
                  <Say text={m.item.like[direction]} n={<bdi>{distance}</bdi>} /> <RecordLink n={record} />
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title={m.item.history} lead={m.item.historyText} className="wide">
          <Table
            label={m.item.history}
            columns={[
              { title: m.item.record, kind: 'figure' },
              { title: m.item.what },
              { title: m.item.who },
              { title: m.item.when },
            ]}
            rows={page.history.map(({ position, kind, at, by }) => ({
              key: String(position),
              cells: [
                <RecordLink key="record" n={position} />,
                wordOf(m.kinds, kind),
                <Foreign key="by">{by}</Foreign>,
                <bdi key="at">{time(at)}</bdi>,
              ],
            }))}
          />
        </Section>
      </div>
    </div>
  );
}
