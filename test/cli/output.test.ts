import { expect, test } from 'vitest';
import { record, table } from '../../src/cli/output.js';

test('what a client has sent gives no commands to the terminal, and keeps its line', () => {
  const row = { model: 'a\u001b]0;title\u0007b\nc', dropped: ['\u009b2J'] };
  expect(table([row], ['model', 'dropped'], '').text.split('\n')).toHaveLength(2);
  for (const text of [table([row], ['model', 'dropped'], '').text, record(row).text]) {
    expect(text).toContain('a\\x1b]0;title\\x07b\\x0ac');
    expect(text).toContain('\\x9b2J');
  }
});

test('programs read it as it is', () => {
  expect(record({ model: 'a\u001bb' }).value).toEqual({ model: 'a\u001bb' });
});
