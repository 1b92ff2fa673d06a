import { expect, test } from 'vitest';
import { knownName } from '../../../dashboard-page/known-name.js';

test('an account or key is called by its name, or by its id, whatever that is', () => {
  const names = JSON.parse('{"alice":"Alice A.","__proto__":"Proto Ltd."}') as Record<string, string>;
  expect(['alice', 'bob', 'constructor', 'toString', '__proto__'].map((id) => knownName(names, id))).toEqual([
    ...['Alice A.', 'bob', 'constructor', 'toString', 'Proto Ltd.'],
  ]);
});
