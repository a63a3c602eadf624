// What needs whoever is here: the tasks that are asked of them. Nobody is counted before somebody is signed in.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../../api.ts';
import { isFor, useDoor } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Section } from '../../parts/section.tsx';
import { Counted } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';

export function NeedsMe(): ReactNode {
  const { m } = useLanguage();
  const door = useDoor();
  const here = door?.state === 'in' && isFor(door);
  const { data } = useQuery({
    queryKey: ['tasks', 'open'],
    queryFn: async ({ signal }) => call('GET /api/tasks', { query: { limit: 1 }, signal }),
    enabled: here,
  });
  if (!here) return null;
  const open = data?.open;
  return (
    <Section title={m.tasks.mine} className="wide needs-me">
      {/* One line, there before its words are. */}
      <p className="row">
        {open !== undefined &&
          (open.mine === 0 ? (
            <span>{m.tasks.nothing}</span>
          ) : (
            <Mark kind="waiting">
              <Counted phrase={m.tasks.mineText} n={open.mine} />
            </Mark>
          ))}
        {open !== undefined && open.unassigned > 0 && (
          <span className="soft">
            <Counted phrase={m.tasks.unassigned} n={open.unassigned} />
          </span>
        )}
        <Link to={open !== undefined && open.mine === 0 ? '/tasks?show=open' : '/tasks'}>{m.tasks.toTasks}</Link>
      </p>
    </Section>
  );
}
