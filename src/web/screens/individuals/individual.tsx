// One individual: pictures as tiles with why each is there, numbers with their readings, and the acts of people: another
// name of somebody, another body, another place for some pictures.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { IndividualPage, ReasonView } from '../../../case/work-views.ts';
import { ApiError, read, send } from '../../api.ts';
import { isFor, useDoor } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { Command } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Section } from '../../parts/section.tsx';
import { Count, Counted, Foreign, Literal, Path, Say } from '../../parts/text.tsx';
import { Tile } from '../../parts/tile.tsx';
import { Link } from '../../router.tsx';
import { Numbers } from '../items/item.tsx';
import { mostPanes, tableOf } from '../table/address.ts';
import '../items/item.css';

type Act = 'merge' | 'split' | 'move' | 'release';

function Reasons({ reasons }: { reasons: readonly ReasonView[] }): ReactNode {
  const { m, share, form } = useLanguage();
  const words: Record<string, string> = m.individual.reasons;
  return (
    <ul className="small">
      {reasons.map(({ reason, probability, of, records }) => (
        <li key={reason}>
          {words[reason] ?? <Literal>{reason}</Literal>}
          {of !== null && (
            <>
              {' '}
              <Link to={`/items/${of}`}>
                <Literal>{of}</Literal>
              </Link>
            </>
          )}
          {probability !== null && (
            <>
              {m.app.comma}
              <bdi>{share(probability, 1)}</bdi>
            </>
          )}
          {records.length > 0 && (
            <span className="soft">
              {' '}
              <Say
                text={form(m.individual.by, records.length)}
                list={<Literal>{records.map(String).join(', ')}</Literal>}
              />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

interface ActParts {
  page: IndividualPage;
  act: Act;
  chosen: readonly string[];
  onDone: (said: string) => void;
  onClose: () => void;
}

function ActDialog({ page, act, chosen, onDone, onClose }: ActParts): ReactNode {
  const { m } = useLanguage();
  const [to, setTo] = useState('');
  const [why, setWhy] = useState('');
  const [problem, setProblem] = useState<ApiError | null>(null);
  const queries = useQueryClient();
  const needs = act === 'merge' || act === 'move';
  const submit = async (): Promise<void> => {
    const target = to.trim().toUpperCase();
    const body = {
      merge: { act, into: target },
      split: { act, items: chosen },
      move: { act, items: chosen, to: target === '' ? null : target },
      release: { act, items: chosen },
    }[act];
    try {
      await send(
        'POST',
        `/api/individuals/${page.id}/acts`,
        { state: page.state, why, act: body },
        crypto.randomUUID(),
      );
      await queries.invalidateQueries();
      onDone(m.individual.done);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error);
      if (error.code === 'conflict') void queries.invalidateQueries({ queryKey: ['individual', page.id] });
    }
  };
  return (
    <Dialog title={m.individual.acts[act]} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p className="soft">{m.individual.actTexts[act]}</p>
        {act !== 'merge' && (
          <p>
            <Counted phrase={m.individual.chosen} n={chosen.length} />
          </p>
        )}
        {needs && (
          <div className="field">
            <label htmlFor="act-to">{act === 'merge' ? m.individual.into : m.individual.to}</label>
            <input
              id="act-to"
              className="input"
              dir="ltr"
              autoComplete="off"
              placeholder="I-0001"
              required={act === 'merge'}
              pattern="[Ii]-[0-9]{1,12}"
              value={to}
              onChange={(event) => setTo(event.target.value)}
            />
          </div>
        )}
        <div className="field">
          <label htmlFor="act-why">{m.individual.why}</label>
          <textarea
            id="act-why"
            className="input"
            dir="auto"
            required
            maxLength={2000}
            value={why}
            onChange={(event) => setWhy(event.target.value)}
          />
        </div>
        <div role="alert">
          {problem !== null && (
            <Mark kind="problem">
              {problem.code === 'conflict' ? m.individual.conflict : <Foreign>{problem.message}</Foreign>}
            </Mark>
          )}
        </div>
        <button type="submit" className="button chosen">
          <span>{m.individual.write}</span>
        </button>
      </form>
    </Dialog>
  );
}

/** The screen. */
export function IndividualScreen({ handle = '' }: { handle?: string }): ReactNode {
  const { m, time } = useLanguage();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [act, setAct] = useState<Act | null>(null);
  const [told, setTold] = useState('');
  const door = useDoor();
  const {
    data: page,
    error,
    refetch,
  } = useQuery({
    queryKey: ['individual', handle],
    queryFn: async ({ signal }) => read<IndividualPage>(`/api/individuals/${encodeURIComponent(handle)}`, signal),
  });
  if (page === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const choose = (item: string, yes: boolean): void =>
    setChosen(new Set(yes ? [...chosen, item] : [...chosen].filter((one) => one !== item)));
  const names: Record<string, string> = m.roles;
  const kinds: Record<string, string> = m.individual.decidedKinds;
  return (
    <div className="screen individual">
      <h1>
        <Literal>{page.id}</Literal>
      </h1>
      <p className="row">
        {Object.entries(page.key).map(([role, value]) => (
          <span key={role}>
            <span className="soft">{Object.hasOwn(names, role) ? names[role] : <Literal>{role}</Literal>}</span>{' '}
            <strong>
              <Foreign>{value}</Foreign>
            </strong>
          </span>
        ))}
        <span className="soft">
          <Counted phrase={m.timeline.total} n={page.members.length} />
        </span>
        <Link to={`/tasks?about=${page.id}`}>{m.tasks.askAbout}</Link>
      </p>
      {page.mergedInto !== null && (
        <p>
          <Mark kind="accepted">
            <Say
              text={m.individual.mergedInto}
              id={
                <Link to={`/individuals/${page.mergedInto}`}>
                  <Literal>{page.mergedInto}</Literal>
                </Link>
              }
            />
          </Mark>
        </p>
      )}
      {page.others.length > 0 && (
        <p className="soft">
          <Say text={m.individual.others} ids={<Literal>{page.others.join(', ')}</Literal>} />
        </p>
      )}
      <div className="row" role="group" aria-label={m.individual.actions}>
        <button type="button" className="button" onClick={() => setAct('merge')}>
          <span>{m.individual.acts.merge}</span>
        </button>
        {(['split', 'move', 'release'] as const).map((name) => (
          <button key={name} type="button" className="button" disabled={chosen.size === 0} onClick={() => setAct(name)}>
            <span>{m.individual.acts[name]}</span>
          </button>
        ))}
        {chosen.size > 0 && chosen.size <= mostPanes && isFor(door, ['analyst', 'lead']) && (
          <Link to={tableOf([...chosen])} className="button">
            <span>{m.lightTable.open}</span>
          </Link>
        )}
        <span className="soft">
          <Counted phrase={m.individual.chosen} n={chosen.size} />
        </span>
      </div>
      <p role="status">
        {told !== '' && (
          <span className="row">
            <Mark kind="done">{told}</Mark>
            <Command>dalil group</Command>
          </span>
        )}
      </p>
      <div className="columns">
        <Section title={m.individual.pictures} lead={m.individual.picturesText} className="wide">
          <ul className="members">
            {page.members.map((member) => (
              <li key={member.item}>
                <label className="check">
                  <input
                    type="checkbox"
                    checked={chosen.has(member.item)}
                    onChange={(event) => choose(member.item, event.target.checked)}
                  />
                  <span className="spoken">{m.individual.choose}</span> <Literal>{member.item}</Literal>
                </label>
                <Tile tile={member} />
                <div>
                  <p className="small soft place">
                    <Path>{member.path}</Path>
                  </p>
                  <Reasons reasons={member.reasons} />
                </div>
              </li>
            ))}
          </ul>
        </Section>
        <Section title={m.individual.numbers} lead={m.individuals.proposals}>
          <Numbers numbers={page.numbers} withItem />
        </Section>
        <Section title={m.individual.decided} lead={m.individual.decidedText}>
          {page.decided.length === 0 ? (
            <p className="soft">{m.individual.nothingDecided}</p>
          ) : (
            <ul className="plain-list">
              {page.decided.map(({ kind, said, by, at, position, why }) => (
                <li key={`${String(position)} ${said}`}>
                  {Object.hasOwn(kinds, kind) ? kinds[kind] : kind}: <Literal>{said}</Literal>{' '}
                  <span className="soft">
                    <Foreign>{by}</Foreign>
                    {m.app.comma}
                    <bdi>{time(at)}</bdi> (<Count n={position} />)
                  </span>{' '}
                  {why !== '' && <Foreign>{why}</Foreign>}
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title={m.individuals.rule}>
          <p className="plain-list">
            <Foreign>{page.rule}</Foreign>
          </p>
        </Section>
      </div>
      {act !== null && (
        <ActDialog
          page={page}
          act={act}
          chosen={[...chosen]}
          onClose={() => setAct(null)}
          onDone={(said) => {
            setAct(null);
            setChosen(new Set());
            setTold(said);
          }}
        />
      )}
    </div>
  );
}
