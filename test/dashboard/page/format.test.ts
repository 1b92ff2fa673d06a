import { expect, test } from 'vitest';
import { duration, money, percent, shortMoney } from '../../../dashboard-page/format.js';
import { setLanguage } from '../../../dashboard-page/i18n.js';

setLanguage('en');

test.each([
  ['0', '$0.00'],
  ['-0', '$0.00'],
  ['49677.1993', '$49,677.20'],
  ['1.516', '$1.52'],
  ['0.7619', '$0.76'],
  ['0.045', '$0.045'],
  ['0.00123', '$0.0012'],
  ['0.00004', '< $0.0001'],
  ['-0.5', '-$0.50'],
  ['-0.00004', '> −$0.0001'],
])('money: %s is %s', (amount, text) => {
  expect(money(amount)).toBe(text);
});

test.each([
  ['2000', 'jpy', '¥2,000'],
  ['5.125', 'kwd', 'KWD 5.125'],
  ['0.5', 'kwd', 'KWD 0.500'],
  ['19.99', 'eur', '€19.99'],
  ['20', 'usd', '$20.00'],
])('money: %s in %s is %s', (amount, currency, text) => {
  expect(money(amount, 'held', currency).replace(/\s/, ' ')).toBe(text);
});

test.each([
  ['0.0000063', '$0.000006'],
  ['0.0000001', '< $0.000001'],
  ['0.0123456', '$0.012'],
])('the cost of a request: %s is %s', (amount, text) => {
  expect(money(amount, 'request')).toBe(text);
});

test('a share that is not zero never looks like it', () => {
  expect([0, 0.0004, 0.034, 0.5].map(percent)).toEqual(['0%', '< 0.1%', '3.4%', '50%']);
});

test.each([
  [0, '$0'],
  [0.000025, '$0.000025'],
  [0.075, '$0.075'],
  [0.1, '$0.10'],
  [2.5, '$2.50'],
  [100, '$100.00'],
  [12_500, '$12.5K'],
  [1_250_000_000, '$1.25B'],
])('on the axis of a chart %s is %s', (amount, text) => {
  expect(shortMoney(amount)).toBe(text);
});

test('a time is never written as a thousand of the unit below', () => {
  expect([999.4, 999.6, 119_949, 119_960].map(duration)).toEqual(['999 ms', '1.0 sec', '119.9 sec', '2 min']);
});

test('what stands in one column has the same digits behind the point, also where they are zero', () => {
  expect([0.004, 0.0101, 0.0065].map((cost) => money(cost, 'request'))).toEqual(['$0.0040', '$0.010', '$0.0065']);
  expect([4_000, 5_240].map(duration)).toEqual(['4.0 sec', '5.2 sec']);
  expect([0.05, 0.034].map(percent)).toEqual(['5.0%', '3.4%']);
});
