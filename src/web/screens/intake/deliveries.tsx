// Deliveries that were begun, here or at another browser: to be gone on with, received as they are, or taken away.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { read, send } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Bytes } from '../../parts/measure.tsx';
import { Section } from '../../parts/section.tsx';
import { Counted, Foreign, Say } from '../../parts/text.tsx';
import { ActError } from '../../parts/form.tsx';
import { Chooser } from './chooser.tsx';
import type { Chosen } from './choosing.ts';
import { Receiving } from './receiving.tsx';
import { Sending, sendNow } from './sending.ts';
import type { Delivery } from '../../api-types.ts';

interface There {
  files: number;
  bytes: number;
}

/** What of a delivery is there whole, counted page by page. */
async function countThere(id: string, signal: AbortSignal): Promise<There> {
  const sum = { files: 0, bytes: 0 };
  for (let after: string | null = ''; after !== null;) {
    const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const page: { files: { size: number }[]; next: string | null } = await read(
      `/api/deliveries/${id}/files?limit=1000${query}`,
      signal,
    );
    sum.files += page.files.length;
    for (const { size } of page.files) sum.bytes += size;
    after = page.next;
  }
  return sum;
}

export function Discard({ id, onDone, onClose }: { id: string; onDone: () => void; onClose: () => void }): ReactNode {
  const { m } = useLanguage();
  const discard = useMutation({ mutationFn: () => send('DELETE', `/api/deliveries/${id}`), onSuccess: onDone });
  return (
    <Dialog title={m.intake.discardTitle} onClose={onClose}>
      <p>{m.intake.discardText}</p>
      <button type="button" className="button" onClick={() => discard.mutate()}>
        <span>{m.intake.discardYes}</span>
      </button>
      <ActError error={discard.error} />
    </Dialog>
  );
}

function ReceiveThere({ id, onYes, onClose }: { id: string; onYes: () => void; onClose: () => void }): ReactNode {
  const { m } = useLanguage();
  const { data, error } = useQuery({
    queryKey: ['delivery', id, 'there'],
    queryFn: ({ signal }) => countThere(id, signal),
    gcTime: 0,
  });
  return (
    <Dialog title={m.intake.receiveTitle} onClose={onClose}>
      {data === undefined ? (
        <p className="soft">{m.intake.counting}</p>
      ) : (
        <p>
          <Counted phrase={m.intake.receiveText} n={data.files} bytes={<Bytes n={data.bytes} />} />
        </p>
      )}
      <ActError error={error} />
      <button type="button" className="button" disabled={data === undefined || data.files === 0} onClick={onYes}>
        <span>{m.intake.receive}</span>
      </button>
    </Dialog>
  );
}

function Open({ delivery, onReceive }: { delivery: Delivery; onReceive: () => void }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const [doing, setDoing] = useState<'none' | 'going-on' | 'receive' | 'discard'>('none');
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const none = (): void => setDoing('none');
  return (
    <>
      <div className="row">
        <button
          type="button"
          className="button"
          aria-expanded={doing === 'going-on'}
          onClick={() => setDoing(doing === 'going-on' ? 'none' : 'going-on')}
        >
          <span>{m.intake.goOn}</span>
        </button>
        <button type="button" className="button" onClick={() => setDoing('receive')}>
          <span>{m.intake.receiveThere}</span>
        </button>
        <button type="button" className="button" onClick={() => setDoing('discard')}>
          <span>{m.intake.discard}</span>
        </button>
      </div>
      {doing === 'going-on' && (
        <div className="stack">
          <p className="soft">{m.intake.goOnText}</p>
          <Chooser chosen={chosen} onChosen={setChosen} />
          <button
            type="button"
            className="button chosen"
            hidden={chosen === null || chosen.files.size === 0}
            onClick={() => chosen !== null && sendNow(new Sending(delivery, chosen, true))}
          >
            <span>{m.intake.send}</span>
          </button>
        </div>
      )}
      {doing === 'receive' && (
        <ReceiveThere
          id={delivery.id}
          onClose={none}
          onYes={() => {
            none();
            onReceive();
          }}
        />
      )}
      {doing === 'discard' && (
        <Discard
          id={delivery.id}
          onClose={none}
          onDone={() => void queries.invalidateQueries({ queryKey: ['deliveries'] })}
        />
      )}
    </>
  );
}

function One({ delivery, onReceive }: { delivery: Delivery; onReceive: () => void }): ReactNode {
  const { m, time } = useLanguage();
  return (
    <li className="stack">
      <h3>
        <Say text={m.intake.of} source={<Foreign>{delivery.source}</Foreign>} />{' '}
        <span className="soft small">
          <Say text={m.intake.begunAt} time={<bdi>{time(delivery.begun)}</bdi>} />
        </span>
      </h3>
      {delivery.receiving.state === 'open' ? (
        <Open delivery={delivery} onReceive={onReceive} />
      ) : (
        <Receiving delivery={delivery} begin={false} />
      )}
    </li>
  );
}

interface DeliveriesParts {
  deliveries: readonly Delivery[];
  onReceive: (delivery: Delivery) => void;
}

export function Deliveries({ deliveries, onReceive }: DeliveriesParts): ReactNode {
  const { m } = useLanguage();
  return (
    <Section title={m.intake.open} lead={m.intake.openLead}>
      <ul className="deliveries">
        {deliveries.map((delivery) => (
          <One key={delivery.id} delivery={delivery} onReceive={() => onReceive(delivery)} />
        ))}
      </ul>
    </Section>
  );
}
