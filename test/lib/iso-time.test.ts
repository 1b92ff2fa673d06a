import { describe, expect, test } from 'vitest';
import { parseIsoTime } from '../../src/lib/iso-time.js';

describe('a time in ISO 8601', () => {
  test.each([
    ['2027-02-28', '2027-02-28T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2027-01-31T10:20Z', '2027-01-31T10:20:00.000Z'],
    ['2027-01-31T10:20:30.5Z', '2027-01-31T10:20:30.500Z'],
    ['2027-01-31T00:30:00+02:00', '2027-01-30T22:30:00.000Z'],
  ])('is read: %s', (text, expected) => {
    expect(new Date(parseIsoTime(text)).toISOString()).toBe(expected);
  });

  test.each([
    '',
    '1',
    '30',
    'foo 1',
    'tomorrow',
    '2027-02-29',
    '2027-02-30T00:00:00Z',
    '2027-13-01',
    '2027-00-10',
    '2027-6-3',
  ])('is not: %j', (text) => {
    expect(parseIsoTime(text)).toBeNaN();
  });
});
