// What this page sends now: how far it is, how fast, how long it takes; the line when it is cut; what stays out.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import type { MarkKind } from '../../parts/marks.tsx';
import { Bytes, Duration } from '../../parts/measure.tsx';
import { usePaged } from '../../parts/more.tsx';
import { Count, Counted, Foreign, Path, Say } from '../../parts/text.tsx';
import { ActError } from '../../parts/form.tsx';
import { Discard } from './deliveries.tsx';
import { Bar, Receiving } from './receiving.tsx';
import { sendNow, useSending } from './sending.ts';
import type { RefusedFile, Sending, SendingState } from './sending.ts';

const marks: Record<SendingState['phase'], MarkKind> = {
  comparing: 'working',
  sending: 'working',
  paused: 'waiting',
  stopped: 'broken',
  sent: 'done',
};

function Figures({ state }: { state: SendingState }): ReactNode {
  const { m } = useLanguage();
  const { files, bytes, rate } = state;
  const left = rate === null ? null : Math.max(0, bytes.all - bytes.done) / rate;
  return (
    <>
      <Bar label={m.intake.progress} done={bytes.done} all={bytes.all} />
      <dl className="sending-figures">
        <div>
          <dt>{m.intake.fileCount}</dt>
          <dd>
            <Say text={m.intake.ofAll} done={<Count n={files.done} />} all={<Count n={files.all} />} />
          </dd>
        </div>
        <div>
          <dt>{m.intake.byteCount}</dt>
          <dd>
            <Say text={m.intake.ofAll} done={<Bytes n={bytes.done} />} all={<Bytes n={bytes.all} />} />
          </dd>
        </div>
        <div>
          <dt>{m.intake.rate}</dt>
          <dd>{rate === null ? m.intake.unknown : <Say text={m.intake.perSecond} bytes={<Bytes n={rate} />} />}</dd>
        </div>
        <div>
          <dt>{m.intake.left}</dt>
          <dd>{left === null ? m.intake.unknown : <Duration seconds={left} />}</dd>
        </div>
      </dl>
      {files.there > 0 && (
        <p className="soft">
          <Counted phrase={m.intake.there} n={files.there} />
        </p>
      )}
    </>
  );
}

/** In a word and a shape what is going on; the line, while it is cut, before all else. */
function Phase({ state: { phase, waiting } }: { state: SendingState }): ReactNode {
  const { m } = useLanguage();
  if (waiting === null) return <Mark kind={marks[phase]}>{m.intake[phase]}</Mark>;
  const why = (
    <span lang="en" dir="ltr">
      {waiting.why}
    </span>
  );
  return <Mark kind="problem">{waiting.why === null ? m.intake.cut : <Say text={m.intake.trouble} why={why} />}</Mark>;
}

function NextTry({ sending, until }: { sending: Sending; until: number }): ReactNode {
  const { m } = useLanguage();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <button type="button" className="button" onClick={sending.tryNow}>
        <span>{m.intake.tryNow}</span>
      </button>
      <span className="soft">
        <Say text={m.intake.nextTry} time={<Duration seconds={(until - now) / 1000} />} />
      </span>
    </>
  );
}

function Refused({ refused }: { refused: readonly RefusedFile[] }): ReactNode {
  const { m } = useLanguage();
  const [visible, foot] = usePaged(refused, 25);
  if (refused.length === 0) return null;
  return (
    <details open>
      <summary>
        <Counted phrase={m.intake.refused} n={refused.length} />
      </summary>
      <p className="soft">{m.intake.refusedLead}</p>
      <ul className="refused-files">
        {visible.map(({ path, why }) => (
          <li key={path}>
            <Path>{path}</Path>
            {why === null ? (
              <span className="soft">{m.intake.unreadable}</span>
            ) : (
              <span className="soft" lang="en" dir="auto">
                {why}
              </span>
            )}
          </li>
        ))}
      </ul>
      {foot}
    </details>
  );
}

export function SendingPanel({ sending }: { sending: Sending }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const state = useSending(sending);
  const [receiving, setReceiving] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const leave = (): void => {
    sendNow(null);
    void queries.invalidateQueries({ queryKey: ['deliveries'] });
  };
  const { phase } = state;
  return (
    <section className="section sending" aria-labelledby="sending">
      <h2 id="sending">
        <Say text={m.intake.of} source={<Foreign>{sending.delivery.source}</Foreign>} />
      </h2>
      <p role="status">
        <Phase state={state} />
      </p>
      <Figures state={state} />
      {!receiving && (
        <>
          <ActError error={state.stopped} />
          <div className="row">
            {phase === 'sending' && (
              <button type="button" className="button" onClick={() => sending.pause()}>
                <span>{m.intake.pause}</span>
              </button>
            )}
            {(phase === 'paused' || phase === 'stopped') && (
              <button type="button" className="button chosen" onClick={() => void sending.go()}>
                <span>{m.intake.resume}</span>
              </button>
            )}
            {phase === 'sent' && (
              <button type="button" className="button chosen" onClick={() => setReceiving(true)}>
                <span>{m.intake.receive}</span>
              </button>
            )}
            <button
              type="button"
              className="button"
              onClick={() => {
                sending.pause();
                setDiscarding(true);
              }}
            >
              <span>{m.intake.cancel}</span>
            </button>
            {state.waiting !== null && <NextTry sending={sending} until={state.waiting.until} />}
          </div>
          {phase === 'sent' && <p className="soft">{m.intake.receiveLead}</p>}
        </>
      )}
      <Refused refused={state.refused} />
      {receiving && (
        <>
          <Receiving delivery={sending.delivery} begin />
          <button type="button" className="button" onClick={leave}>
            <span>{m.intake.another}</span>
          </button>
        </>
      )}
      {discarding && (
        <Discard
          id={sending.delivery.id}
          onClose={() => setDiscarding(false)}
          onDone={() => {
            setDiscarding(false);
            leave();
          }}
        />
      )}
    </section>
  );
}
