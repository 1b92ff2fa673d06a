import { expect, test } from 'vitest';
import { OpenIds } from '../../src/openai-api/open-ids.js';

/** `+a` calls by the id `a`, `-a` is a result for it. */
function areAnswered(...steps: readonly string[]): boolean {
  const ids = new OpenIds();
  for (const step of steps) {
    const id = step.slice(1);
    if (step.startsWith('+')) ids.call(id);
    else ids.result(id);
  }
  return ids.areAnswered;
}

test.each<[isAnswered: boolean, ...steps: string[]]>([
  [true],
  [true, '+a', '-a'],
  [true, '+a', '+b', '-b', '-a'],
  [true, '+a', '-a', '+a', '-a'],
  [true, '+a__thought__x', '-a__thought__x'],
  [false, '+a'],
  [false, '-a'],
  [false, '-a', '+a'],
  [false, '+a', '-a', '-a'],
  [false, '+a', '-a', '+b'],
])('%s for %s %s %s %s', (isAnswered, ...steps) => {
  expect(areAnswered(...steps)).toBe(isAnswered);
});

test.each<[string, ...steps: string[]]>([
  ['an id that comes again before its result', '+a', '+a', '-a', '-a'],
  ['ids that differ in their signatures alone', '+a__thought__x', '+a__thought__y', '-a__thought__x', '-a__thought__y'],
  ['a result without the signature of its call', '+a__thought__x', '-a'],
])('%s is none that is surely sent as it came', (_name, ...steps) => {
  expect(areAnswered(...steps)).toBe(false);
});

test('a call and a result without ids do not answer each other', () => {
  const ids = new OpenIds();
  ids.call(undefined);
  ids.result(undefined);
  expect(ids.areAnswered).toBe(false);
});
