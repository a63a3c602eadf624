// A delivery begun: who gave it, by a pseudonym, and what it is.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { useLanguage } from '../../language.tsx';
import { Command } from '../../parts/copy.tsx';
import { Mark } from '../../parts/marks.tsx';
import { ActError } from '../../parts/form.tsx';
import { Section } from '../../parts/section.tsx';
import { caseQuery } from '../../queries.ts';
import { Chooser } from './chooser.tsx';
import type { Chosen } from './choosing.ts';
import { beginDelivery, Sending, sendNow } from './sending.ts';

export function Begin(): ReactNode {
  const { m } = useLanguage();
  const id = useId();
  const { data: view } = useQuery(caseQuery);
  const [source, setSource] = useState('');
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const begin = useMutation({
    mutationFn: async ({ named, files }: { named: string; files: Chosen }) =>
      sendNow(new Sending(await beginDelivery(named), files, false)),
  });
  const known = [...new Set(view?.accessions.map((one) => one.source))];
  const ready = source.trim() !== '' && chosen !== null && chosen.files.size > 0;
  return (
    <Section title={m.intake.begin}>
      <form
        className="stack intake-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !begin.isPending) begin.mutate({ named: source.trim(), files: chosen });
        }}
      >
        <div className="field">
          <label htmlFor={id}>{m.intake.source}</label>
          <input
            id={id}
            className="input"
            dir="auto"
            required
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
            list={`${id}-known`}
            aria-describedby={`${id}-hint ${id}-warning`}
            value={source}
            onChange={(event) => setSource(event.target.value)}
          />
          <datalist id={`${id}-known`}>
            {known.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <span id={`${id}-hint`} className="soft small">
            {m.intake.sourceHint}
          </span>
        </div>
        <div className="warning" id={`${id}-warning`}>
          <p>
            <Mark kind="problem">
              <strong>{m.intake.warning}</strong>
            </Mark>
          </p>
          <p className="soft">{m.intake.warningVault}</p>
          <Command>dalil vault add --pseudonym PSEUDONYM</Command>
        </div>
        <Chooser chosen={chosen} onChosen={setChosen} />
        <button type="submit" className={ready ? 'button chosen' : 'button'} disabled={!ready}>
          <span>{m.intake.send}</span>
        </button>
        <ActError error={begin.error} />
      </form>
    </Section>
  );
}
