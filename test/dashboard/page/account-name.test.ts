import { expect, test } from 'vitest';
import { accountName } from '../../../dashboard-page/account-name.js';

test('an account is called by its name, or by its id, whatever that is', () => {
  const names = JSON.parse('{"alice":"Alice A.","__proto__":"Proto Ltd."}') as Record<string, string>;
  expect(['alice', 'bob', 'constructor', 'toString', '__proto__'].map((id) => accountName(names, id))).toEqual([
    ...['Alice A.', 'bob', 'constructor', 'toString', 'Proto Ltd.'],
  ]);
});
