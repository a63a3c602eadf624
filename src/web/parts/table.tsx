// A table that becomes a labelled list where its columns do not fit. The roles are spelled out because a browser
// forgets them when the display changes.
import type { ReactNode } from 'react';

export interface Column {
  title: string;
  /** `figure`: aligned at its end. `handle`: never broken. `long`: may break anywhere, as paths do. */
  kind?: 'figure' | 'handle' | 'long';
}

interface TableParts {
  label: string;
  columns: readonly Column[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
}

export function Table({ label, columns, rows }: TableParts): ReactNode {
  return (
    <table className="stacks" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.title} role="columnheader" scope="col" className={column.kind}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ key, cells }) => (
          <tr key={key} role="row">
            {columns.map((column, index) => (
              <td key={column.title} role="cell" className={column.kind}>
                {index > 0 && (
                  <span className="label" aria-hidden="true">
                    {/* The space keeps the last letter of an Arabic label from joining what follows. */}
                    {column.title}{' '}
                  </span>
                )}
                {cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
