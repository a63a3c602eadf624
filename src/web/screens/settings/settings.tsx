// Settings: of the case, each change a record; and of one's own, in this browser alone. Who may change what, the server says.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { OwnViewing } from '../../../protect/viewing.ts';
import { read } from '../../api.ts';
import { isFor, useDoor, workers } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { languages } from '../../languages.ts';
import type { LanguageCode } from '../../languages.ts';
import { Choice } from '../../parts/form.tsx';
import { Section } from '../../parts/section.tsx';
import { Count } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { themes, useTheme } from '../../theme.ts';
import { Limits } from '../viewing/welfare.tsx';
import { Authorities } from './authorities.tsx';
import { RulesSection } from './rules.tsx';
import './settings.css';

function Own(): ReactNode {
  const { m, code, choose } = useLanguage();
  const [theme, setTheme] = useTheme();
  return (
    <Section title={m.settings.own} lead={m.settings.ownText}>
      <div className="row">
        <Choice
          label={m.app.language}
          value={code}
          options={(Object.keys(languages) as LanguageCode[]).map((one) => [one, languages[one].name])}
          onValue={choose}
        />
        <Choice
          label={m.app.theme}
          value={theme}
          options={themes.map((one) => [one, m.app.themes[one]])}
          onValue={setTheme}
        />
      </div>
    </Section>
  );
}

function Budgets({ mine }: { mine: boolean }): ReactNode {
  const { m } = useLanguage();
  const { data } = useQuery({
    queryKey: ['viewing', 'mine'],
    queryFn: async ({ signal }) => read<OwnViewing>('/api/viewing/mine', signal),
  });
  return (
    <Section title={m.settings.budgets} lead={m.settings.budgetsText}>
      {data !== undefined &&
        (mine ? (
          <Limits limits={data.limits} />
        ) : (
          <dl className="facts-list stack">
            {(['perDay', 'days', 'pauseMinutes', 'seconds'] as const).map((name) => (
              <div key={name}>
                <dt>{m.welfare.names[name]}</dt>
                <dd>
                  <Count n={data.limits[name]} />
                </dd>
              </div>
            ))}
          </dl>
        ))}
      <p>
        <Link to="/viewing">{m.settings.toViewing}</Link>
      </p>
    </Section>
  );
}

/** The screen. */
export function SettingsScreen(): ReactNode {
  const { m } = useLanguage();
  const door = useDoor();
  const lead = isFor(door, ['lead']);
  return (
    <div className="screen settings">
      <h1>{m.settings.title}</h1>
      <p className="lead soft">{m.settings.lead}</p>
      {isFor(door, workers) && <RulesSection mayChange={lead} />}
      {isFor(door, [...workers, 'counsel']) && (
        <Authorities mayChange={lead} mayStamp={isFor(door, ['archivist', 'lead'])} />
      )}
      <Budgets mine={isFor(door, ['welfare-lead'])} />
      <Own />
    </div>
  );
}
