// The parts of the design on one page, for whoever builds a screen. Shown while developing only: a build leaves it out.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Command, CopyButton } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Key } from '../../parts/keyboard.tsx';
import { Mark } from '../../parts/marks.tsx';
import type { MarkKind } from '../../parts/marks.tsx';
import { More } from '../../parts/more.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Foreign, Literal, Path } from '../../parts/text.tsx';

const colours = ['paper', 'raised', 'ink', 'soft', 'line', 'edge', 'accent', 'on-accent', 'wash', 'broken'];
const marks: MarkKind[] = ['done', 'working', 'waiting', 'problem', 'broken', 'accepted', 'proposed', 'archive'];

/** The screen, in English alone. */
export function PartsScreen(): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <div className="screen stack" lang="en" dir="ltr">
      <h1>Parts</h1>
      <p className="lead">
        Paper and ink, one accent, one colour for what is broken. A state is a word and a shape; figures are tabular;
        sides are logical, so that Arabic needs no rule of its own. Every value comes from tokens.css.
      </p>
      <Section title="Colours" lead="By name; each has a light, a dark and a high-contrast value.">
        <Table
          label="Colours"
          columns={[{ title: 'Name', kind: 'handle' }, { title: 'Looks' }]}
          rows={colours.map((name) => ({
            key: name,
            cells: [
              <Literal key="name">{`--${name}`}</Literal>,
              <svg key="look" width="120" height="20" aria-label={name} role="img">
                <rect width="120" height="20" fill={`var(--${name})`} stroke="currentColor" />
              </svg>,
            ],
          }))}
        />
      </Section>
      <Section title="Marks" lead="A word and a shape: never the shape alone.">
        <ul className="row">
          {marks.map((kind) => (
            <li key={kind}>
              <Mark kind={kind}>{kind}</Mark>
            </li>
          ))}
        </ul>
      </Section>
      <Section
        title="Words that are not ours"
        lead="Foreign for text, Literal for handles, Path for places, Count for counts."
      >
        <p>
          <Foreign>صور الفرع 215</Foreign> · <Literal>E-00012</Literal> · <Path>صور الفرع/2012/0001.jpg</Path> ·{' '}
          <Count n={55_000} />
        </p>
      </Section>
      <Section title="Buttons, commands and keys">
        <div className="row">
          <button type="button" className="button" onClick={() => setOpen(true)}>
            <span>Open a dialogue</span>
          </button>
          <button type="button" className="button chosen">
            <span>Chosen</span>
          </button>
          <button type="button" className="button" disabled>
            <span>Disabled</span>
          </button>
          <CopyButton text="copied" />
          <Command>dalil status</Command>
          <Key of=" " />
        </div>
      </Section>
      <Section title="Fields">
        <div className="row">
          <div className="field">
            <label htmlFor="parts-name">A field</label>
            <input id="parts-name" className="input" dir="auto" />
          </div>
          <div className="field">
            <label htmlFor="parts-choice">A choice</label>
            <select id="parts-choice">
              <option>One</option>
            </select>
          </div>
        </div>
      </Section>
      <Section title="The foot of a list">
        <More shown={50} all={120} step={50} onMore={() => undefined} />
      </Section>
      {open && (
        <Dialog title="A dialogue" onClose={() => setOpen(false)}>
          <p>Esc and the last button close it; the focus goes back to where it was.</p>
        </Dialog>
      )}
    </div>
  );
}
