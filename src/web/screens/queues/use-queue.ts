// One queue at work: entries under a lease, one before the eyes, answers into the outbox, undo.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Served as Asked } from '../../../group/answers.ts';
import type { QueueName } from '../../../group/queue.ts';
import { ApiError, send } from '../../api.ts';
import { outboxOf, useOutbox } from '../../outbox.ts';
import type { Outbox, OutboxState } from '../../outbox.ts';

/** An entry as it is served: with the state that its answer carries back. */
export type Served<Name extends QueueName> = Extract<Asked, { queue: Name }> & { state: string };

interface Claims {
  waiting: number;
  unread: number;
  others: number;
  served: readonly (Asked & { state: string })[];
}

/** An answer that was given in this sitting. */
export interface Given {
  key: string;
  entry: string;
  /** In the language of the page. */
  said: string;
}

export interface QueueWork<Name extends QueueName> {
  error: unknown;
  retry: () => void;
  /** undefined: not known yet. null: nothing waits that others do not hold. */
  current: Served<Name> | null | undefined;
  /** Those that come next: what they show can be fetched ahead. */
  ahead: readonly Served<Name>[];
  waiting: number;
  /** Pictures without any reading, which are not asked about here. */
  unread: number;
  others: number;
  answered: number;
  /** Answers a minute; null in the first two minutes. */
  pace: number | null;
  last: Given | null;
  outbox: OutboxState;
  answer: (answer: object, said: string) => void;
  later: () => void;
  /** Whether the last answer was taken back; null where there is none. */
  undo: () => Promise<boolean | null>;
  dismiss: () => void;
}

/**
 * What was answered and has not arrived: the server would hand it out first, as it is still held. To whoever is quicker than
 * their line nothing else came, for two minutes.
 */
const onTheirWay = (box: Outbox): string[] =>
  box.state.unsent.flatMap(({ body }) => {
    const { entry } = body as { entry?: unknown };
    return typeof entry === 'string' ? [entry] : [];
  });

/** Entries held at a time: enough for a dropped line, few enough to leave the others something. */
const held = 10;
const renewMs = 120_000;

export function useQueue<Name extends QueueName>(name: Name, member: string): QueueWork<Name> {
  const box = outboxOf(member);
  const outbox = useOutbox(box);
  const queries = useQueryClient();
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const [put, setPut] = useState<readonly string[]>([]);
  const [given, setGiven] = useState<readonly Given[]>([]);
  const [shown, setShown] = useState<string | null>(null);
  const [began] = useState(() => Date.now());
  const off = useRef(put);
  off.current = put;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['claims', name],
    queryFn: async () =>
      send<Claims>('POST', `/api/queues/${name}/claims`, {
        limit: held,
        without: [...off.current, ...onTheirWay(box)].slice(-500),
      }),
    refetchInterval: renewMs,
    // Asked by this screen alone, when it begins: another's answer to it would be a lease that has run out.
    staleTime: 0,
    gcTime: 0,
  });

  useEffect(
    () => () => {
      // Whoever leaves holds nothing that others could do.
      send('DELETE', `/api/queues/${name}/claims`).catch(() => undefined);
      queries.removeQueries({ queryKey: ['claims', name] });
    },
    [name, queries],
  );

  const served = (data?.served ?? []) as unknown as readonly Served<Name>[];
  const left = served.filter(({ entry }) => !done.has(entry.id) && !put.includes(entry.id));
  // What is before the eyes stays there, whatever order the next answer of the server has.
  const current = left.find(({ entry }) => entry.id === shown) ?? left[0];
  const ahead = left.filter((one) => one !== current);
  if (current !== undefined && current.entry.id !== shown) setShown(current.entry.id);

  const few = left.length < 4 && data !== undefined && served.length > 0;
  useEffect(() => {
    if (few) void refetch();
  }, [few, left.length, refetch]);

  const minutes = (Date.now() - began) / 60_000;
  return {
    error,
    retry: () => void refetch(),
    // While more is asked for, nobody can say yet that nothing waits.
    current: current ?? (data === undefined || (isFetching && served.length > 0) ? undefined : null),
    ahead,
    waiting: Math.max(0, (data?.waiting ?? 0) - served.filter(({ entry }) => done.has(entry.id)).length),
    unread: data?.unread ?? 0,
    others: data?.others ?? 0,
    answered: given.length,
    pace: minutes < 2 || given.length < 2 ? null : Math.round(given.length / minutes),
    last: given.at(-1) ?? null,
    outbox,
    answer: (answer, said) => {
      if (current === undefined) return;
      const entry = current.entry.id;
      const key = box.add(`/api/queues/${name}/answers`, {
        entry,
        state: current.state,
        answer: { queue: name, ...answer },
      });
      setDone(new Set([...done, entry]));
      setGiven([...given, { key, entry, said }]);
    },
    later: () => {
      if (current !== undefined) setPut([...put, current.entry.id]);
    },
    undo: async () => {
      const last = given.at(-1);
      if (last === undefined) return null;
      const again = (): void => {
        setGiven(given.slice(0, -1));
        setDone(new Set([...done].filter((id) => id !== last.entry)));
        setShown(last.entry);
        void refetch();
      };
      if (box.remove(last.key)) {
        again();
        return true;
      }
      const record = await box.recordOf(last.key);
      if (record === undefined) return false;
      try {
        await send('POST', `/api/queues/${name}/answers/${String(record.position)}/undo`, { entry: last.entry });
      } catch (problem) {
        if (problem instanceof ApiError) return false;
        throw problem;
      }
      again();
      return true;
    },
    dismiss: () => box.dismiss(),
  };
}
