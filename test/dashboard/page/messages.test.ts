import { expect, test } from 'vitest';
import { zh } from '../../../dashboard-page/messages/zh.js';
import { en } from '../../../src/dashboard/messages/en.js';

const holesOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();

test('every text says something in both languages, with the same values in it', () => {
  for (const id of Object.keys(en) as (keyof typeof en)[]) {
    expect(zh[id].trim(), id).not.toBe('');
    expect(holesOf(zh[id]), id).toEqual(holesOf(en[id]));
  }
});
