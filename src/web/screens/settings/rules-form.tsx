// The form that changes the grammar of numbers. What is wrong with it the server says, by its place.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { identifierRoles } from '../../../case/views.ts';
import type { Rules } from '../../../group/records.ts';
import { ApiError, call } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, Check, Choice, Field, useAct } from '../../parts/form.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Say } from '../../parts/text.tsx';
import { PatternFields, type Pattern } from './pattern-fields.tsx';

type NumberRule = NonNullable<Rules['numbers']>[number];
type SeriesRule = NonNullable<Rules['series']>[number];

/** A list with one entry changed, or removed (null). */
function changed<T>(list: readonly T[], at: number, to: T | null): T[] {
  return to === null ? list.filter((_, i) => i !== at) : list.map((one, i) => (i === at ? to : one));
}

/** A member with a value, or left out where it has none. */
function having<T extends object>(object: T, name: keyof T & string, value: unknown): T {
  const rest = Object.entries(object).filter(([own]) => own !== name);
  return Object.fromEntries(value === undefined || value === '' ? rest : [...rest, [name, value]]) as T;
}

interface RulesFormParts {
  rules: Rules;
  /** The record that the rules were read from. */
  seen: number | null;
  onCancel: () => void;
  onKept: () => Promise<void>;
}

export function RulesForm({ rules, seen, onCancel, onKept }: RulesFormParts): ReactNode {
  const { m } = useLanguage();
  const words = m.settings.rules;
  const [draft, setDraft] = useState(rules);
  const { busy, error, run } = useAct();
  const { numbers = [], series = [], patterns, individualKey } = draft;
  const setPatterns = (to: Pattern[]): void => setDraft({ ...draft, patterns: to });
  const swapped = (at: number, by: -1 | 1): Pattern[] => {
    const list = [...patterns];
    [list[at], list[at + by]] = [list[at + by]!, list[at]!];
    return list;
  };
  return (
    <form
      className="stack rules-form"
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          await call('PUT /api/settings/rules', { body: { rules: draft, seen } });
          await onKept();
        });
      }}
    >
      <fieldset>
        <legend>{words.key}</legend>
        <p className="soft small">{words.keyText}</p>
        <div className="row">
          {identifierRoles
            .filter((role) => role !== 'illegible')
            .map((role) => (
              <Check
                key={role}
                label={m.roles[role]}
                checked={individualKey.includes(role)}
                onChecked={(on) =>
                  setDraft({
                    ...draft,
                    individualKey: identifierRoles.filter((one) => (one === role ? on : individualKey.includes(one))),
                  })
                }
              />
            ))}
        </div>
      </fieldset>

      <h3>{words.numbers}</h3>
      <p className="soft small">{words.numbersText}</p>
      {numbers.map((number, i) => (
        // A row has no other identity than its place.
        <NumberFields
          key={String(i)}
          n={i + 1}
          number={number}
          onChange={(to) => setDraft({ ...draft, numbers: changed(numbers, i, to) })}
        />
      ))}
      <ActButton
        onClick={() => setDraft({ ...draft, numbers: [...numbers, { role: 'detainee-number', pattern: '[0-9]+' }] })}
      >
        {words.addNumber}
      </ActButton>

      <h3>{words.series}</h3>
      <p className="soft small">{words.seriesText}</p>
      {series.map((one, i) => (
        <SeriesFields
          key={String(i)}
          series={one}
          onChange={(to) => setDraft({ ...draft, series: changed(series, i, to) })}
        />
      ))}
      <ActButton onClick={() => setDraft({ ...draft, series: [...series, { role: 'detainee-number' }] })}>
        {words.addSeries}
      </ActButton>

      <h3>{words.patterns}</h3>
      <p className="soft small">{words.patternsText}</p>
      {patterns.map((pattern, i) => (
        <PatternFields
          key={String(i)}
          n={i + 1}
          pattern={pattern}
          onChange={(to) => setPatterns(changed(patterns, i, to))}
          onUp={i === 0 ? null : () => setPatterns(swapped(i, -1))}
          onDown={i === patterns.length - 1 ? null : () => setPatterns(swapped(i, 1))}
        />
      ))}
      <ActButton
        onClick={() =>
          setPatterns([...patterns, { name: '', match: '(?:^|/)(?<number>[0-9]+)/[^/]+$', identifiers: {} }])
        }
      >
        {words.addPattern}
      </ActButton>

      {error instanceof ApiError && error.code === 'conflict' ? (
        <p role="alert">
          <Mark kind="problem">{m.settings.stale}</Mark>
        </p>
      ) : (
        <ActError error={error} />
      )}
      <div className="row">
        <ActButton first type="submit" busy={busy}>
          {m.settings.keep}
        </ActButton>
        <ActButton onClick={onCancel}>{m.settings.cancel}</ActButton>
      </div>
    </form>
  );
}

const wholeOf = (text: string): number | undefined => (text === '' ? undefined : Number(text));

function NumberFields({
  n,
  number,
  onChange,
}: {
  n: number;
  number: NumberRule;
  onChange: (to: NumberRule | null) => void;
}): ReactNode {
  const { m } = useLanguage();
  const words = m.settings.rules;
  const { role, pattern, min, max, label } = number;
  const whole = (name: 'min' | 'max', value: number | undefined): ReactNode => (
    <Field
      label={words[name]}
      type="number"
      dir="ltr"
      step={1}
      value={value === undefined ? '' : String(value)}
      onValue={(said) => onChange(having(number, name, wholeOf(said)))}
    />
  );
  return (
    <fieldset className="rule">
      <legend>
        <Say text={words.number} n={<bdi>{n}</bdi>} />
      </legend>
      <div className="row">
        <Choice
          label={words.kind}
          value={role}
          options={identifierRoles.map((one) => [one, m.roles[one]])}
          onValue={(to) => onChange({ ...number, role: to })}
        />
        <Field
          label={words.pattern}
          className="input code"
          dir="ltr"
          spellCheck={false}
          required
          maxLength={2000}
          value={pattern}
          onValue={(to) => onChange({ ...number, pattern: to })}
        />
        {whole('min', min)}
        {whole('max', max)}
        <Field
          label={words.label}
          maxLength={100}
          value={label ?? ''}
          onValue={(to) => onChange(having(number, 'label', to))}
        />
        <ActButton onClick={() => onChange(null)}>{m.settings.remove}</ActButton>
      </div>
    </fieldset>
  );
}

function SeriesFields({
  series,
  onChange,
}: {
  series: SeriesRule;
  onChange: (to: SeriesRule | null) => void;
}): ReactNode {
  const { m } = useLanguage();
  const words = m.settings.rules;
  const known = (name: 'perBranch' | 'issuedAtDeath'): ReactNode => (
    <Choice
      label={words[name]}
      value={series[name] === undefined ? 'unknown' : series[name] ? 'yes' : 'no'}
      options={(['unknown', 'yes', 'no'] as const).map((one) => [one, words.known[one]])}
      onValue={(to) => onChange(having(series, name, to === 'unknown' ? undefined : to === 'yes'))}
    />
  );
  return (
    <fieldset className="rule">
      <legend className="spoken">{m.roles[series.role]}</legend>
      <div className="row">
        <Choice
          label={words.kind}
          value={series.role}
          options={identifierRoles.map((one) => [one, m.roles[one]])}
          onValue={(role) => onChange({ ...series, role })}
        />
        {known('perBranch')}
        {known('issuedAtDeath')}
        <Field
          label={words.start}
          type="number"
          dir="ltr"
          min={0}
          step={1}
          value={series.start === undefined ? '' : String(series.start)}
          onValue={(said) => onChange(having(series, 'start', wholeOf(said)))}
        />
        <ActButton onClick={() => onChange(null)}>{m.settings.remove}</ActButton>
      </div>
    </fieldset>
  );
}
