/** Comma-separated values (RFC 4180) with a header line. */
export function csvOf(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return csvLines([header, ...rows]);
}

/** Lines of comma-separated values. */
export function csvLines(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

/** Where a spreadsheet may begin a cell, whichever separator its country uses, and what it then takes for a formula. */
const FORMULA = /(^|[;,|\t\r\n])(["'\s]*)([=+\-@＝＋－＠])/g;

/**
 * A text that begins like a formula gets an apostrophe, at its start and after everything that separates cells somewhere,
 * or a spreadsheet would run it; a negative amount is safe. Source: OWASP, "CSV Injection", which lists the full-width
 * forms, too.
 */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  if (/^-?\d+(\.\d+)?$/.test(value)) return value;
  const safe = (/^[\t\r\n]/.test(value) ? `'${value}` : value).replace(FORMULA, "$1$2'$3");
  return /[",;|\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
