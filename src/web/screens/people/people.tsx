// The people of a case, for its administrators: roles, sessions, invitations.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { Role } from '../../../protect/roles.ts';
import { call } from '../../api.ts';
import type { Invitation, Person } from '../../api-types.ts';
import { useLanguage } from '../../language.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActButton, ActError, Field } from '../../parts/form.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { useProving } from '../../parts/prove.tsx';
import { RoleChoice, RoleNames } from '../../parts/role-choice.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Foreign, Literal, Say } from '../../parts/text.tsx';
import { SessionList } from './sessions.tsx';

const peopleKey = ['people'];

/** The screen. */
export function PeopleScreen(): ReactNode {
  const { m, time } = useLanguage();
  const [changing, setChanging] = useState<string | null>(null);
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: peopleKey,
    queryFn: async ({ pageParam, signal }) =>
      call('GET /api/people', { query: { ...(pageParam !== null && { after: pageParam }), limit: 100 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const people = data.pages.flatMap((page) => page.people);
  return (
    <div className="screen stack">
      <h1>{m.people.title}</h1>
      <p className="lead">{m.people.text}</p>
      <Table
        label={m.people.title}
        columns={[
          { title: m.people.name },
          { title: m.people.signInName },
          { title: m.people.roles },
          { title: m.people.since, kind: 'handle' },
          { title: m.people.state },
        ]}
        rows={people.map((person) => ({
          key: person.member,
          cells: [
            <Foreign key="name">{person.name}</Foreign>,
            <Foreign key="sign-in">{person.signInName}</Foreign>,
            <RoleNames key="roles" held={person.roles} none={m.people.noRoles} />,
            <bdi key="since">{time(person.since)}</bdi>,
            person.gone === null ? (
              <span key="state" className="row">
                <Mark kind="done">{m.people.here}</Mark>
                <ActButton
                  label={m.people.change.replace('{name}', person.name)}
                  onClick={() => setChanging(person.member)}
                >
                  {m.people.changeShort}
                </ActButton>
              </span>
            ) : (
              <Mark key="state" kind="waiting">
                <Say text={m.people.gone} time={<bdi>{time(person.gone)}</bdi>} />
              </Mark>
            ),
          ],
        }))}
      />
      {hasNextPage && <ActButton onClick={() => void fetchNextPage()}>{m.app.more.replace('{n}', '100')}</ActButton>}
      <Invite />
      <Invitations invitations={data.pages[0]?.invitations ?? []} />
      {changing !== null && <Change member={changing} onClose={() => setChanging(null)} />}
    </div>
  );
}

function Change({ member, onClose }: { member: string; onClose: () => void }): ReactNode {
  const { data } = useQuery({
    queryKey: ['person', member],
    // Read again each time: a decision stands on what is true now.
    staleTime: 0,
    queryFn: async ({ signal }) => call('GET /api/people/{member}', { params: { member }, signal }),
  });
  return data === undefined ? null : <ChangePerson key={data.roles.join()} person={data} onClose={onClose} />;
}

function ChangePerson({ person, onClose }: { person: Person; onClose: () => void }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const { busy, error, run, dialog } = useProving();
  const [chosen, setChosen] = useState<Role[]>(person.roles);
  const [sure, setSure] = useState(false);
  const params = { member: person.member };
  const name = <Foreign>{person.name}</Foreign>;
  const done = async (): Promise<void> => {
    // Whoever has changed their own roles is signed out by it.
    await queries.invalidateQueries();
    onClose();
  };
  return (
    <>
      <Dialog title={m.people.change.replace('{name}', person.name)} onClose={onClose}>
        <p>
          <Say text={m.people.rolesText} name={name} />
        </p>
        <RoleChoice title={m.people.roles} chosen={chosen} onChosen={setChosen} />
        <ActButton
          first
          busy={busy}
          onClick={() =>
            run(async () => {
              await call('PUT /api/people/{member}/roles', { params, body: { roles: chosen }, match: person.etag });
              await done();
            })
          }
        >
          {m.people.save}
        </ActButton>
        <ActError error={error} />
        <details>
          <summary>{m.people.sessions}</summary>
          <Sessions member={person.member} />
        </details>
        <details>
          <summary>{m.people.remove}</summary>
          <p>{m.people.removeText}</p>
          <ActButton
            busy={busy}
            onClick={() => {
              if (!sure) return setSure(true);
              run(async () => {
                await call('DELETE /api/people/{member}', { params, match: person.etag });
                await done();
              });
            }}
          >
            {sure ? <Say text={m.people.confirmRemove} name={name} /> : m.people.remove}
          </ActButton>
        </details>
      </Dialog>
      {dialog}
    </>
  );
}

function Sessions({ member }: { member: string }): ReactNode {
  const queries = useQueryClient();
  const key = ['sessions', member];
  const { data } = useQuery({
    queryKey: key,
    staleTime: 0,
    queryFn: async ({ signal }) => call('GET /api/people/{member}/sessions', { params: { member }, signal }),
  });
  const end = async (id: string): Promise<void> => {
    await call('DELETE /api/people/{member}/sessions/{id}', { params: { member, id } });
    await queries.invalidateQueries({ queryKey: key });
  };
  return <SessionList sessions={data?.sessions ?? []} onEnd={end} />;
}

function Invite(): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const { busy, error, run, dialog } = useProving();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<Role[]>([]);
  const [link, setLink] = useState<string | null>(null);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const body = { name: name.trim() === '' ? null : name, roles: chosen };
      setLink((await call('POST /api/people/invitations', { body })).link);
      setName('');
      setChosen([]);
      await queries.invalidateQueries({ queryKey: peopleKey });
    });
  };
  return (
    <Section title={m.people.invite} lead={m.people.inviteText}>
      <form className="stack form" onSubmit={send}>
        <Field label={m.people.inviteName} value={name} onValue={setName} maxLength={60} autoComplete="off" />
        <RoleChoice title={m.people.roles} chosen={chosen} onChosen={setChosen} />
        <ActButton type="submit" busy={busy}>
          {m.people.makeLink}
        </ActButton>
        <ActError error={error} />
      </form>
      <div role="status">
        {link !== null && (
          <p className="shown-once">
            <span>{m.people.link}</span>
            <code className="secret">
              <Literal>{link}</Literal>
            </code>
            <CopyButton text={link} label={m.people.copyLink} />
          </p>
        )}
      </div>
      {dialog}
    </Section>
  );
}

function Invitations({ invitations }: { invitations: readonly Invitation[] }): ReactNode {
  const { m, time } = useLanguage();
  const queries = useQueryClient();
  const { error, run, dialog } = useProving();
  if (invitations.length === 0) return null;
  return (
    <Section title={m.people.invitations}>
      <ul className="lines">
        {invitations.map(({ id, kind, name, roles, by, until }) => (
          <li key={id} className="row">
            <span>
              {kind === 'invitation' ? m.people.invitation : m.people.recovery}
              {name !== null && (
                <>
                  {m.app.comma}
                  <Foreign>{name}</Foreign>
                </>
              )}
              {kind === 'invitation' && (
                <>
                  {m.app.comma}
                  <RoleNames held={roles} none={m.people.noRoles} />
                </>
              )}
            </span>
            <span className="soft">
              <Say text={m.people.by} name={<Foreign>{by}</Foreign>} time={<bdi>{time(until)}</bdi>} />
            </span>
            <ActButton
              onClick={() =>
                run(async () => {
                  await call('DELETE /api/people/invitations/{id}', { params: { id } });
                  await queries.invalidateQueries({ queryKey: peopleKey });
                })
              }
            >
              {m.people.withdraw}
            </ActButton>
          </li>
        ))}
      </ul>
      <ActError error={error} />
      {dialog}
    </Section>
  );
}
