// The keys of the screen that is shown, and how to change them.
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { changeKey, keyOf, useAllActs } from '../keys.tsx';
import type { Act } from '../keys.tsx';
import { useLanguage } from '../language.tsx';
import { Dialog } from './dialog.tsx';
import { Say } from './text.tsx';

/** A key as it is written: names for those that show nothing. */
export function Key({ of }: { of: string }): ReactNode {
  const { m } = useLanguage();
  const names: Record<string, string> = { ' ': m.keys.space, Enter: m.keys.enter, Escape: 'Esc', Backspace: '⌫' };
  return <kbd>{of === '' ? '–' : (names[of] ?? (of.length === 1 ? of.toUpperCase() : of))}</kbd>;
}

function Line({ act, all }: { act: Act; all: readonly Act[] }): ReactNode {
  const { m } = useLanguage();
  const [asking, setAsking] = useState(false);
  const [taken, setTaken] = useState<string | null>(null);
  const onKey = (event: KeyboardEvent): void => {
    if (!asking || ['Tab', 'Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    setAsking(false);
    setTaken(null);
    if (event.key === 'Escape') return;
    const key = event.key === 'Delete' ? '' : event.key.length === 1 ? event.key.toLocaleLowerCase('en') : event.key;
    const other = all.find((one) => one.id !== act.id && key !== '' && keyOf(one) === key);
    if (other === undefined) changeKey(act.id, key === act.key ? null : key);
    else setTaken(other.name);
  };
  return (
    <tr>
      <td>{act.name}</td>
      <td>
        <Key of={keyOf(act)} />
      </td>
      <td>
        <button
          type="button"
          className="button"
          aria-label={`${m.keys.change}: ${act.name}`}
          onClick={() => setAsking(true)}
          onKeyDown={onKey}
          onBlur={() => setAsking(false)}
        >
          <span>{asking ? m.keys.press : m.keys.change}</span>
        </button>
        <span role="status" className="soft small">
          {taken !== null && <Say text={m.keys.taken} name={taken} />}
        </span>
      </td>
    </tr>
  );
}

/** The dialogue that `?` opens. */
export function KeyboardHelp({ onClose }: { onClose: () => void }): ReactNode {
  const { m } = useLanguage();
  const acts = useAllActs();
  return (
    <Dialog title={m.keys.title} onClose={onClose}>
      <p className="soft">{m.keys.text}</p>
      <table aria-label={m.keys.title}>
        <tbody>
          {acts.map((act) => (
            <Line key={act.id} act={act} all={acts} />
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
