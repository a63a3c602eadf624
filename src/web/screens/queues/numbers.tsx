// Numbers by their cut-outs alone: nobody needs to see a body to read one.
import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { IdentifierRole } from '../../../case/views.ts';
import { useActs } from '../../keys.tsx';
import type { Act } from '../../keys.tsx';
import { useLanguage } from '../../language.tsx';
import { Counted, Literal, Say } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { ActButton, Crop, QueueFrame } from './frame.tsx';
import type { QueueWork, Served } from './use-queue.ts';

/** What a reading may be where the rules of the case cannot tell, each with its key. */
const kinds: readonly [IdentifierRole, key: string][] = [
  ['detainee-number', 'd'],
  ['branch-number', 'b'],
  ['hospital-number', 'h'],
];

function Question({ one, work }: { one: Served<'numbers'>; work: QueueWork<'numbers'> }): ReactNode {
  const { m, share } = useLanguage();
  const { entry } = one;
  const [writing, setWriting] = useState(false);
  const [value, setValue] = useState('');
  const [kind, setKind] = useState<IdentifierRole | null>(null);
  // What it says was given before which number it is.
  const [kept, setKept] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const answer = (role: IdentifierRole, text: string): void =>
    work.answer({ role, value: text }, `${m.roles[role]}: ${text}`);
  const say = (text: string): void => {
    if (entry.role !== null) work.answer({ value: text }, text);
    else if (kind !== null) answer(kind, text);
    else {
      setKept(text);
      setWriting(false);
    }
  };
  const kindActs =
    entry.role === null
      ? kinds.map(([role, key]): Act & { role: IdentifierRole } => ({
          id: `number.${role}`,
          key,
          name: m.roles[role],
          role,
          run: () => (kept === null ? setKind(role) : answer(role, kept)),
        }))
      : [];
  const acts: Act[] = [
    {
      id: 'number.accept',
      key: 'Enter',
      name: m.queues.accept.replace('{value}', entry.proposed),
      run: () => say(entry.proposed),
    },
    ...entry.alternatives.slice(0, 4).map((other, i): Act => ({
      id: `number.alternative-${String(i + 1)}`,
      key: String(i + 1),
      name: m.queues.accept.replace('{value}', other.value),
      run: () => say(other.value),
    })),
    {
      id: 'number.other',
      key: 'e',
      name: m.queues.other,
      run: () => {
        setWriting(true);
        setTimeout(() => field.current?.focus());
      },
    },
    {
      id: 'number.unreadable',
      key: 'x',
      name: m.queues.unreadable,
      run: () =>
        work.answer({ value: null, ...(entry.role === null && { role: kind ?? 'illegible' }) }, m.queues.unreadable),
    },
  ];
  useActs(useMemo(() => [...acts, ...kindActs], [work, m, kind, kept]));
  return (
    <section className="question stack" aria-label={m.queues.numbers}>
      <h2>
        {entry.role === null ? (
          m.queues.whichKind
        ) : (
          <Say text={m.queues.which} role={m.roles[entry.role as IdentifierRole]} />
        )}
      </h2>
      <Crop id={entry.id} />
      <p>
        <Say
          text={m.queues.machine}
          value={
            <strong>
              <Literal>{entry.proposed}</Literal>
            </strong>
          }
          p={<bdi>{share(entry.probability, 1)}</bdi>}
        />{' '}
        <span className="soft">
          <Counted phrase={m.queues.settles} n={entry.pictures} />
        </span>
      </p>
      {kindActs.length > 0 && (
        <div className="row" role="group" aria-label={m.queues.whichKind}>
          {kindActs.map((act) => (
            <ActButton key={act.id} act={act} pressed={act.role === kind} />
          ))}
          <span role="status">
            {kept !== null && <Say text={m.queues.keptValue} value={<Literal>{kept}</Literal>} />}
          </span>
        </div>
      )}
      <div className="row">
        {acts.map((act, i) => (
          <ActButton key={act.id} act={act} chosen={i === 0 && kept === null} />
        ))}
      </div>
      {writing && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            if (value.trim() !== '') say(value.trim());
          }}
        >
          <div className="field">
            <label htmlFor="number-other">{m.queues.otherLabel}</label>
            <input
              id="number-other"
              ref={field}
              className="input"
              dir="ltr"
              inputMode="text"
              autoComplete="off"
              maxLength={40}
              value={value}
              onChange={(event) => setValue(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') setWriting(false);
              }}
            />
          </div>
          <button type="submit" className="button">
            <span>{m.queues.send}</span>
          </button>
        </form>
      )}
      <p className="soft small">
        {m.queues.picture}{' '}
        <Link to={`/items/${entry.item}`}>
          <Literal>{entry.item}</Literal>
        </Link>
      </p>
    </section>
  );
}

/** The screen. */
export function NumbersScreen(): ReactNode {
  return <QueueFrame name="numbers" Question={Question} Ahead={({ one }) => <Crop id={one.entry.id} hidden />} />;
}
