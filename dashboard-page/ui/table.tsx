/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Numbers stand at the right. */
  readonly numeric?: boolean;
  /** Names the row for screen readers. */
  readonly header?: boolean;
  /** The title is for screen readers only. */
  readonly quiet?: boolean;
}

interface TableProps<T> {
  /** What the table shows, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly rowClass?: (row: T) => string;
}

/** A table; on narrow screens each row becomes a list of names and values. */
export function Table<T>({ label, columns, rows, rowKey, rowClass }: TableProps<T>) {
  return (
    <div class="table-box">
      <table class="table">
        <caption class="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ title, numeric, quiet }) => (
              <th key={title} scope="col" class={numeric ? 'numeric' : ''}>
                {quiet ? <span class="visually-hidden">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} class={rowClass?.(row) ?? ''}>
              {columns.map((column) => (
                <Cell key={column.title} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<T>({ column, row }: { readonly column: Column<T>; readonly row: T }) {
  const { title, numeric, header, quiet, cell } = column;
  const content = (
    <>
      {!quiet && (
        <span class="cell-label" aria-hidden="true">
          {title}
        </span>
      )}
      <span class="cell-value">{cell(row)}</span>
    </>
  );
  const name = numeric ? 'numeric' : quiet ? 'cell-actions' : '';
  return header ? (
    <th scope="row" class={name}>
      {content}
    </th>
  ) : (
    <td class={name}>{content}</td>
  );
}
