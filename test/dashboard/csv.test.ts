import { describe, expect, test } from 'vitest';
import { csvOf } from '../../src/dashboard/api/csv.js';

/** The cells of a line as a spreadsheet reads them that goes by this separator. */
function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] as string;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (line[at + 1] === '"') cell += line[(at += 1)];
      else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === separator || letter === '\r' || letter === '\n') {
      cells.push(cell);
      cell = '';
    } else cell += letter;
  }
  return [...cells, cell];
}

/** The same without any regard for quotes. */
const rawCellsOf = (line: string, separator: string) =>
  line.split(new RegExp(`[${separator}\\r\\n]`)).map((cell) => cell.replace(/^["'\s]*"/, ''));

const STARTS = ['=', '+', '-', '@', '\t=', '\r=', '\n=', ' =', '"=', '＝', '＋', '－', '＠'];
const BEFORE = ['', 'a,', 'a;', 'a\t', 'a|', 'a\r\n', 'a\n', 'a\r', 'a,"', 'a;"', 'a"";', 'a;;', 'a, '];

describe('a cell of a CSV file', () => {
  test.each(STARTS.flatMap((start) => BEFORE.map((before) => [`${before}${start}HYPERLINK("http://x")`])))(
    'is no formula for any separator: %j',
    (value) => {
      const file = csvOf(['name', 'other'], [[value, 'end']]);
      for (const separator of [',', ';', '\t', '|']) {
        for (const cell of [...cellsOf(file, separator), ...rawCellsOf(file, separator)]) {
          expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
        }
      }
      expect(cellsOf(file.slice(file.indexOf('\r\n') + 2), ',')[1]).toBe('end');
    },
  );

  test.each([
    ['tab', '\tx'],
    ['carriage return', '\rx'],
    ['line feed', '\nx'],
  ])('does not begin with a %s', (_, value) => {
    expect(csvOf(['name'], [[value]])).toBe(`name\r\n"'${value}"\r\n`);
  });

  test('keeps amounts, names and what stands inside of a text', () => {
    expect(csvOf(['a', 'b', 'c', 'd'], [[-1, '-0.25', 'e-mail@example.com', '1 - 1 = 0']])).toBe(
      'a,b,c,d\r\n-1,-0.25,e-mail@example.com,1 - 1 = 0\r\n',
    );
  });
});
