// One pattern over paths: its named groups are found as it is typed, and each is given its meaning.
import type { ReactNode } from 'react';
import { carriers, categories, identifierRoles } from '../../../case/views.ts';
import type { Rules } from '../../../group/records.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, Choice, Field, TextArea } from '../../parts/form.tsx';
import { Literal, Say } from '../../parts/text.tsx';

export type Pattern = Rules['patterns'][number];

/** The named groups of a regular expression; null where it is none yet. */
function groupsOf(match: string): string[] | null {
  try {
    // An empty alternative shows the named groups without a match.
    return Object.keys(new RegExp(`${match}|`, 'u').exec('')?.groups ?? {});
  } catch {
    return null;
  }
}

interface PatternParts {
  n: number;
  pattern: Pattern;
  onChange: (to: Pattern | null) => void;
  onUp: (() => void) | null;
  onDown: (() => void) | null;
}

export function PatternFields({ n, pattern, onChange, onUp, onDown }: PatternParts): ReactNode {
  const { m } = useLanguage();
  const words = m.settings.rules;
  const { name, match, identifiers, category } = pattern;
  const groups = groupsOf(match);
  const setMatch = (to: string): void => {
    const found = groupsOf(to);
    // A group that is gone means nothing any more; while the expression is half typed all is kept.
    const kept = Object.entries(identifiers).filter(([group]) => found?.includes(group) ?? true);
    onChange({ ...pattern, match: to, identifiers: Object.fromEntries(kept) });
  };
  return (
    <fieldset className="rule stack">
      <legend>
        <Say text={words.patternN} n={<bdi>{n}</bdi>} />
      </legend>
      <Field
        label={words.name}
        required
        maxLength={200}
        value={name}
        onValue={(to) => onChange({ ...pattern, name: to })}
      />
      <TextArea
        label={words.match}
        dir="ltr"
        rows={2}
        required
        maxLength={4000}
        value={match}
        onValue={setMatch}
        hint={groups === null ? words.broken : groups.length === 0 ? words.noGroups : undefined}
      />
      {groups?.map((group) => {
        const said = identifiers[group];
        const set = (to: typeof said): void => {
          const { [group]: _, ...rest } = identifiers;
          onChange({ ...pattern, identifiers: to === undefined ? rest : { ...rest, [group]: to } });
        };
        return (
          <fieldset key={group} className="row">
            <legend className="small">
              <Say text={words.group} group={<Literal>{group}</Literal>} />
            </legend>
            <Choice
              label={words.kind}
              value={said?.role ?? ''}
              options={[['', '–'], ...identifierRoles.map((one) => [one, m.roles[one]] as const)]}
              onValue={(role) => set(role === '' ? undefined : { role, carrier: said?.carrier ?? 'folder' })}
            />
            {said !== undefined && (
              <Choice
                label={words.carrier}
                value={said.carrier}
                options={carriers.map((one) => [one, m.carriers[one]])}
                onValue={(carrier) => set({ ...said, carrier })}
              />
            )}
          </fieldset>
        );
      })}
      <div className="row">
        <Choice
          label={words.category}
          value={category ?? ''}
          options={[['', words.noCategory], ...categories.map((one) => [one, m.categories[one]] as const)]}
          onValue={(to) => {
            const { category: _, ...rest } = pattern;
            onChange(to === '' ? rest : { ...rest, category: to });
          }}
        />
        {onUp !== null && <ActButton onClick={onUp}>{m.settings.up}</ActButton>}
        {onDown !== null && <ActButton onClick={onDown}>{m.settings.down}</ActButton>}
        <ActButton onClick={() => onChange(null)}>{m.settings.remove}</ActButton>
      </div>
    </fieldset>
  );
}
