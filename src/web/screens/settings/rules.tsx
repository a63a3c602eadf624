// The grammar of the numbers of a case, as it stands: what makes a body known, the numbers on cards, how they were given
// out, what names say.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Rules } from '../../../group/records.ts';
import { call } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Command } from '../../parts/copy.tsx';
import { ActButton } from '../../parts/form.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Foreign, Literal, Say } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { RulesForm } from './rules-form.tsx';

const key = ['settings', 'rules'];

/** The rules, and for a lead the form that changes them. */
export function RulesSection({ mayChange }: { mayChange: boolean }): ReactNode {
  const { m, time } = useLanguage();
  const queries = useQueryClient();
  const [changing, setChanging] = useState<{ rules: Rules; seen: number | null } | null>(null);
  const [kept, setKept] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => call('GET /api/settings/rules', { signal }),
  });
  const words = m.settings.rules;
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const { rules, set } = data as { rules: Rules; set: typeof data.set };
  return (
    <Section title={words.title} lead={words.lead}>
      <p className="soft">
        {set === null ? (
          words.unset
        ) : (
          <Say
            text={words.set}
            by={<Foreign>{set.by}</Foreign>}
            time={<bdi>{time(set.at)}</bdi>}
            n={
              <Link to={`/activity/${String(set.record)}`}>
                <Count n={set.record} />
              </Link>
            }
          />
        )}
      </p>
      <div role="status">
        {kept && (
          <div className="shown-once">
            <p>{m.settings.kept}</p>
            <Command>dalil run</Command>
          </div>
        )}
      </div>
      {changing === null ? (
        <>
          <RulesView rules={rules} />
          {mayChange && (
            <ActButton
              onClick={() => {
                setKept(false);
                setChanging({ rules, seen: set?.record ?? null });
              }}
            >
              {m.settings.change}
            </ActButton>
          )}
        </>
      ) : (
        <RulesForm
          rules={changing.rules}
          seen={changing.seen}
          onCancel={() => {
            setChanging(null);
            void refetch();
          }}
          onKept={async () => {
            await queries.invalidateQueries({ queryKey: key });
            setChanging(null);
            setKept(true);
          }}
        />
      )}
    </Section>
  );
}

function RulesView({ rules: { individualKey, numbers = [], series = [], patterns } }: { rules: Rules }): ReactNode {
  const { m } = useLanguage();
  const words = m.settings.rules;
  const number = (n: number | undefined): ReactNode => (n === undefined ? '–' : <Literal>{String(n)}</Literal>);
  const known = (said: boolean | undefined): string =>
    said === undefined ? words.known.unknown : said ? words.known.yes : words.known.no;
  return (
    <>
      <h3>{words.key}</h3>
      <p>{individualKey.map((role) => m.roles[role]).join(m.app.comma)}</p>
      <h3>{words.numbers}</h3>
      {numbers.length === 0 ? (
        <p className="soft">{words.noNumbers}</p>
      ) : (
        <Table
          label={words.numbers}
          columns={[
            { title: words.kind },
            { title: words.pattern },
            { title: words.min, kind: 'figure' },
            { title: words.max, kind: 'figure' },
            { title: words.label },
          ]}
          rows={numbers.map(({ role, pattern, min, max, label }) => ({
            key: `${role} ${pattern}`,
            cells: [
              m.roles[role],
              <code key="pattern" dir="ltr" className="pattern">
                {pattern}
              </code>,
              number(min),
              number(max),
              label === undefined ? '–' : <Foreign key="label">{label}</Foreign>,
            ],
          }))}
        />
      )}
      <h3>{words.series}</h3>
      {series.length === 0 ? (
        <p className="soft">{words.noSeries}</p>
      ) : (
        <Table
          label={words.series}
          columns={[
            { title: words.kind },
            { title: words.perBranch },
            { title: words.issuedAtDeath },
            { title: words.start, kind: 'figure' },
          ]}
          rows={series.map(({ role, perBranch, issuedAtDeath, start }) => ({
            key: role,
            cells: [m.roles[role], known(perBranch), known(issuedAtDeath), number(start)],
          }))}
        />
      )}
      <h3>{words.patterns}</h3>
      {patterns.length === 0 ? (
        <p className="soft">{words.noPatterns}</p>
      ) : (
        <>
          <p className="soft">{words.patternsText}</p>
          <ol className="patterns">
            {patterns.map(({ name, match, identifiers, category }) => (
              <li key={name}>
                <Foreign>{name}</Foreign>
                <code dir="ltr" className="pattern">
                  {match}
                </code>
                <span className="soft small">
                  {Object.entries(identifiers).map(([group, { role, carrier }]) => (
                    <span key={group}>
                      <Literal>{group}</Literal>: {m.roles[role]} ({m.carriers[carrier]}){m.app.comma}
                    </span>
                  ))}
                  {category === undefined ? words.noCategory : `${words.category}: ${m.categories[category]}`}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}
