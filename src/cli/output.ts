/** What a command has to say: a value for programs, and text for people. */
export interface Shown {
  readonly value: unknown;
  readonly text: string;
  /** True when the command found something wrong: the exit code is then 1. */
  readonly failed?: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/** Rows as a table with these columns; `value` is the rows themselves. */
export function table(rows: readonly object[], columns: readonly string[], empty: string): Shown {
  if (rows.length === 0) return { value: rows, text: empty };
  const lines = rows.map((row) => columns.map((column) => cell((row as Row)[column])));
  const heads = columns.map(spaced);
  const widths = heads.map((head, i) => Math.max(head.length, ...lines.map((line) => (line[i] ?? '').length)));
  const numeric = columns.map((_, i) => lines.every((line) => /^[-\d.,]*$/.test(line[i] ?? '')));
  const write = (line: readonly string[]) =>
    line
      .map((text, i) => (numeric[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return { value: rows, text: [write(heads), ...lines.map(write)].join('\n') };
}

/** One thing, a line for each field that is set. */
export function record(value: object, note?: string): Shown {
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  const width = Math.max(0, ...fields.map(([name]) => spaced(name).length));
  const lines = fields.map(([name, field]) => `${spaced(name).padEnd(width)}  ${cell(field)}`);
  return { value, text: [...lines, ...(note ? ['', note] : [])].join('\n') };
}

/** JSON with dates as ISO 8601 and money as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? String(field) : field), 2);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return value.toISOString().slice(0, 19).replace('T', ' ');
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ');
  if (typeof value === 'object') {
    const parts = Object.entries(value).map(([name, field]) => `${spaced(name)} ${cell(field)}`);
    return parts.join(', ') || '-';
  }
  return visible(String(value));
}

/** Names and models may be whatever a client sends; control characters would be commands to the terminal. */
function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** `lastUsedAt` as `last used`. */
function spaced(name: string): string {
  return name
    .replace(/At$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
}
