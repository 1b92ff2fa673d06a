/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.js';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Numbers stand at the right. */
  readonly numeric?: boolean;
  /** Names the row for screen readers. */
  readonly header?: boolean;
  /** The name of an order: its title is a button that sorts by it. */
  readonly sort?: string;
  /** That order begins with the smallest, as names do. @default false */
  readonly ascending?: boolean;
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
  /** The order that the rows are in. */
  readonly sorted?: string;
  readonly onSort?: (order: string) => void;
}

/** What stands in a cell without a value; where rows are cards, the line is left out. */
export const NOTHING = <span class="muted nothing">–</span>;

/** A table; on narrow screens each row becomes a list of names and values. */
export function Table<T>({ label, columns, rows, rowKey, rowClass, sorted, onSort }: TableProps<T>) {
  const drawn = useFirstRows(rows);
  return (
    <div class="table-box">
      <table class="table">
        <caption class="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.title} column={column} sorted={sorted} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {drawn.map((row) => (
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

/** Rows of a table's first frame: more than a screen holds. */
const FIRST_ROWS = 18;

/** The first rows for the first frame, and all of them right after it: a long page is seen when a short one would be. */
function useFirstRows<T>(rows: readonly T[]): readonly T[] {
  const [first, setFirst] = useState(true);
  useEffect(() => setFirst(false), []);
  return first ? rows.slice(0, FIRST_ROWS) : rows;
}

function Cell<T>({ column, row }: { readonly column: Column<T>; readonly row: T }) {
  const { title, numeric, header, quiet, cell } = column;
  const value = cell(row);
  const content = (
    <>
      {!quiet && (
        <span class="cell-label" aria-hidden="true">
          {title}
        </span>
      )}
      <span class="cell-value">{value === '–' ? NOTHING : value}</span>
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

interface HeadProps<T> {
  readonly column: Column<T>;
  readonly sorted: string | undefined;
  readonly onSort: ((order: string) => void) | undefined;
}

function Head<T>({ column, sorted, onSort }: HeadProps<T>) {
  const { title, numeric, quiet, sort, ascending } = column;
  const isSorted = sort !== undefined && sort === sorted;
  const order = ascending ? 'ascending' : 'descending';
  return (
    <th scope="col" class={numeric ? 'numeric' : ''} aria-sort={isSorted ? order : undefined}>
      {sort !== undefined && onSort ? (
        <button type="button" class={isSorted ? 'sort sort-on' : 'sort'} onClick={() => onSort(sort)}>
          {title}
          <Icon name="sort" />
        </button>
      ) : (
        <span class={quiet ? 'visually-hidden' : ''}>{title}</span>
      )}
    </th>
  );
}
