// The individuals: how they were counted and out of what, then each with its numbers; beside them, marked and in no
// count, those that only a machine has read. No picture, no name to a face.
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { IdentifierView, IndividualsView, IndividualView } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { More } from '../../parts/more.tsx';
import { Failure } from '../../parts/notice.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Counted, Foreign, Literal, Say } from '../../parts/text.tsx';
import { isFor, useDoor } from '../../door.ts';
import { Link } from '../../router.tsx';
import { individualsQuery, individualsStep } from '../../queries.ts';

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Summary({ summary }: { summary: IndividualsView }): ReactNode {
  const { m, form } = useLanguage();
  return (
    <div className="individuals-head">
      <p className="count">
        <Count n={summary.count} /> {form(m.individuals.count, summary.count)}
      </p>
      <dl className="facts-list">
        <Fact name={m.individuals.denominator}>
          <Say
            text={m.individuals.counted}
            pictures={<Count n={summary.pictures} />}
            all={<Count n={summary.denominator} />}
          />
        </Fact>
        <Fact name={m.individuals.keyless}>
          <Counted phrase={m.individuals.withoutKey} n={summary.withoutKey} />
        </Fact>
        {summary.provisional.pictures > 0 && (
          <Fact name={m.individuals.provisional}>
            <Mark kind="proposed">
              <Say
                text={m.individuals.provisionalText}
                individuals={
                  <Counted phrase={m.individuals.provisionalIndividuals} n={summary.provisional.individuals} />
                }
                pictures={<Counted phrase={m.individuals.provisionalPictures} n={summary.provisional.pictures} />}
              />
            </Mark>
            <p className="soft small">{m.individuals.provisionalWhy}</p>
          </Fact>
        )}
      </dl>
      <dl className="facts-list">
        <Fact name={m.individuals.rule}>
          <Foreign>{summary.rule}</Foreign>
        </Fact>
        <Fact name={m.individuals.interval}>
          <Foreign>{summary.interval}</Foreign>
        </Fact>
      </dl>
    </div>
  );
}

function Identifier({ identifier }: { identifier: IdentifierView }): ReactNode {
  const { m, share } = useLanguage();
  const { value, role, carrier, probability, accepted } = identifier;
  return (
    <li>
      <Mark kind={accepted ? 'accepted' : 'proposed'}>
        <Foreign>{value}</Foreign>{' '}
        <span className="soft small">
          {m.roles[role]}
          {m.app.comma}
          {m.carriers[carrier]}
          {probability !== null && (
            <>
              {m.app.comma}
              <Say text={m.individuals.probability} p={<bdi>{share(probability, 1)}</bdi>} />
            </>
          )}{' '}
          ({accepted ? m.individuals.accepted : m.individuals.proposed})
        </span>
      </Mark>
    </li>
  );
}

function Key({ of }: { of: IndividualView['key'] }): ReactNode {
  const { m } = useLanguage();
  const names: Record<string, string> = m.individuals.key_names;
  return (
    <span className="key">
      {Object.entries(of).map(([name, value]) => (
        <span key={name}>
          <span className="soft">{Object.hasOwn(names, name) ? names[name] : <Foreign>{name}</Foreign>}</span>{' '}
          <Foreign>{value}</Foreign>
        </span>
      ))}
    </span>
  );
}

/** Counted or provisional, in a word and a shape. */
function State({ provisional }: Pick<IndividualView, 'provisional'>): ReactNode {
  const { m } = useLanguage();
  return provisional ? (
    <Mark kind="proposed">{m.individuals.stateProvisional}</Mark>
  ) : (
    <Mark kind="done">{m.individuals.stateCounted}</Mark>
  );
}

/** How many pictures; of a counted individual also how many of them are provisional. */
function Pictures({ of: { items, provisional } }: { of: IndividualView }): ReactNode {
  const { m } = useLanguage();
  const waiting = items.filter((item) => item.provisional).length;
  return (
    <>
      <Count n={items.length} />
      {!provisional && waiting > 0 && (
        <span className="soft small">
          <Counted phrase={m.individuals.provisionalHere} n={waiting} />
        </span>
      )}
    </>
  );
}

function List({ count }: { count: number }): ReactNode {
  const { m } = useLanguage();
  // The link of the terminal shows this page and no further one.
  const opens = isFor(useDoor());
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(individualsQuery);
  if (data === undefined) return error === null ? null : <Failure error={error} onRetry={() => void refetch()} />;
  const individuals = data.pages.flatMap((page) => page.individuals);
  return (
    <>
      <Table
        label={m.individuals.title}
        columns={[
          { title: m.individuals.handle, kind: 'handle' },
          { title: m.individuals.key, kind: 'handle' },
          { title: m.individuals.numbers },
          { title: m.individuals.pictures, kind: 'figure' },
        ]}
        rows={individuals.map((individual) => ({
          key: individual.id,
          cells: [
            <span key="id" className="counted">
              {opens ? (
                <Link to={`/individuals/${individual.id}`}>
                  <Literal>{individual.id}</Literal>
                </Link>
              ) : (
                <Literal>{individual.id}</Literal>
              )}{' '}
              <State provisional={individual.provisional} />
            </span>,
            <Key key="key" of={individual.key} />,
            <ul key="numbers" className="numbers">
              {individual.identifiers.map((identifier) => (
                <Identifier
                  key={`${identifier.role} ${identifier.carrier} ${identifier.value}`}
                  identifier={identifier}
                />
              ))}
            </ul>,
            <Pictures key="pictures" of={individual} />,
          ],
        }))}
      />
      {hasNextPage && (
        <More
          shown={individuals.length}
          all={Math.max(count, individuals.length + 1)}
          step={individualsStep}
          busy={isFetchingNextPage}
          onMore={() => void fetchNextPage()}
        />
      )}
    </>
  );
}

export function Individuals({ summary }: { summary: IndividualsView }): ReactNode {
  const { m } = useLanguage();
  // The list has both, and so has what it is shown out of.
  const listed = summary.count + summary.provisional.individuals;
  return (
    <Section
      title={m.individuals.title}
      lead={listed === 0 ? m.individuals.nothing : m.individuals.proposals}
      className="wide individuals"
    >
      <Summary summary={summary} />
      {listed > 0 && <List count={listed} />}
    </Section>
  );
}
