// Where a folder or files are chosen, by buttons or by dropping them: shown as counts and bytes, and never as names or
// pictures.
import { useRef, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Bytes } from '../../parts/measure.tsx';
import { Counted } from '../../parts/text.tsx';
import { chosenTogether, fromDrop, fromField } from './choosing.ts';
import type { Chosen } from './choosing.ts';

interface ChooserParts {
  chosen: Chosen | null;
  onChosen: (chosen: Chosen | null) => void;
}

export function Chooser({ chosen, onChosen }: ChooserParts): ReactNode {
  const { m } = useLanguage();
  const [over, setOver] = useState(false);
  const [reading, setReading] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const take = (field: HTMLInputElement): void => {
    const more = fromField(field.files);
    // The same folder can be chosen again.
    field.value = '';
    onChosen(chosenTogether(chosen, more));
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    setReading(true);
    void fromDrop(event.dataTransfer)
      .then((more) => onChosen(chosenTogether(chosen, more)))
      .finally(() => setReading(false));
  };
  return (
    <div
      role="group"
      aria-label={m.intake.what}
      className={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <div className="row">
        <button type="button" className="button" onClick={() => folder.current?.click()}>
          <span>{m.intake.folder}</span>
        </button>
        <button type="button" className="button" onClick={() => files.current?.click()}>
          <span>{m.intake.files}</span>
        </button>
        {chosen !== null && (
          <button type="button" className="button" onClick={() => onChosen(null)}>
            <span>{m.intake.clear}</span>
          </button>
        )}
        <input
          ref={(field) => {
            folder.current = field;
            if (field !== null) field.webkitdirectory = true;
          }}
          className="choose-folder"
          type="file"
          hidden
          multiple
          onChange={(event) => take(event.target)}
        />
        <input
          ref={files}
          className="choose-files"
          type="file"
          hidden
          multiple
          onChange={(event) => take(event.target)}
        />
      </div>
      <p className="soft small">{over ? m.intake.dropNow : m.intake.drop}</p>
      <p role="status" className="chosen-sum">
        {reading ? (
          <Mark kind="working">{m.intake.reading}</Mark>
        ) : chosen === null ? (
          <span className="soft">{m.intake.nothing}</span>
        ) : chosen.files.size === 0 ? (
          <Mark kind="problem">{m.intake.nothingIn}</Mark>
        ) : (
          <>
            <strong>
              <Counted phrase={m.intake.chosen} n={chosen.files.size} />
              {m.app.comma}
              <Bytes n={chosen.bytes} />
            </strong>
            {chosen.folders > 0 && (
              <span className="soft">
                {' '}
                <Counted phrase={m.intake.inFolders} n={chosen.folders} />
              </span>
            )}
          </>
        )}
      </p>
      {chosen !== null && chosen.altered > 0 && (
        <p>
          <Mark kind="problem">
            <Counted phrase={m.intake.altered} n={chosen.altered} />
          </Mark>
        </p>
      )}
    </div>
  );
}
