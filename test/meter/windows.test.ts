import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { budgetEndsAt, budgetWindowAt, windowAt } from '../../src/meter/windows.js';

const at = (text: string) => Date.parse(text);
const shown = ({ startsAt, endsAt }: { startsAt: number; endsAt: number }) =>
  [startsAt, endsAt].map((time) => new Date(time).toISOString().replace('T00:00:00.000Z', ''));

describe('a calendar window by UTC', () => {
  test.each([
    ['day', '2027-01-31T23:59:59.999Z', ['2027-01-31', '2027-02-01']],
    ['day', '2027-02-01T00:00:00.000Z', ['2027-02-01', '2027-02-02']],
    ['day', '2028-02-28T23:59:59.999Z', ['2028-02-28', '2028-02-29']],
    ['day', '2028-02-29T12:00:00.000Z', ['2028-02-29', '2028-03-01']],
    ['day', '2027-02-28T12:00:00.000Z', ['2027-02-28', '2027-03-01']],
    ['week', '2027-01-03T23:59:59.999Z', ['2026-12-28', '2027-01-04']],
    ['week', '2027-01-04T00:00:00.000Z', ['2027-01-04', '2027-01-11']],
    ['month', '2026-12-31T23:59:59.999Z', ['2026-12-01', '2027-01-01']],
    ['month', '2027-01-01T00:00:00.000Z', ['2027-01-01', '2027-02-01']],
    ['month', '2028-02-29T23:59:59.999Z', ['2028-02-01', '2028-03-01']],
    ['month', '2027-03-01T00:00:00.000Z', ['2027-03-01', '2027-04-01']],
  ] as const)('a %s holds %s: %j', (length, now, window) => {
    expect(shown(windowAt(length, at(now)))).toEqual(window);
  });
});

describe("a window from the account's own day", () => {
  test('of the 31st begins on the last day of shorter months, and leaves no instant out', () => {
    const anchor = at('2027-12-31T15:45:00Z');
    const starts: string[] = [];
    for (let now = anchor; starts.length < 13; now = windowAt('month', now, anchor).endsAt)
      starts.push(shown(windowAt('month', now, anchor))[0] as string);
    expect(starts).toEqual([
      '2027-12-31',
      '2028-01-31',
      '2028-02-29',
      '2028-03-31',
      '2028-04-30',
      '2028-05-31',
      '2028-06-30',
      '2028-07-31',
      '2028-08-31',
      '2028-09-30',
      '2028-10-31',
      '2028-11-30',
      '2028-12-31',
    ]);
  });

  test.each([
    ['2028-02-29', '2029-02-28T00:00:00.000Z', ['2029-02-28', '2029-03-29']],
    ['2028-02-29', '2029-02-27T23:59:59.999Z', ['2029-01-29', '2029-02-28']],
    ['2027-01-30', '2027-03-01T00:00:00.000Z', ['2027-02-28', '2027-03-30']],
    ['2027-05-15', '2027-06-14T23:59:59.999Z', ['2027-05-15', '2027-06-15']],
    ['2027-05-15', '2027-01-14T00:00:00.000Z', ['2026-12-15', '2027-01-15']],
  ])('a month from %s holds %s: %j', (anchor, now, window) => {
    expect(shown(windowAt('month', at(now), at(anchor)))).toEqual(window);
  });

  test('a week begins on the weekday of the account, also before its first one', () => {
    const wednesday = at('2027-02-24T09:30:00Z');
    expect(shown(windowAt('week', at('2027-03-02T23:59:59.999Z'), wednesday))).toEqual(['2027-02-24', '2027-03-03']);
    expect(shown(windowAt('week', at('2027-03-03'), wednesday))).toEqual(['2027-03-03', '2027-03-10']);
    expect(shown(windowAt('week', at('2027-02-23'), wednesday))).toEqual(['2027-02-17', '2027-02-24']);
  });
});

describe('windows of hours and days', () => {
  test('begin with the request', () => {
    const now = at('2028-02-28T22:10:00.123Z');
    expect(shown(windowAt('5h', now))).toEqual(['2028-02-28T22:10:00.123Z', '2028-02-29T03:10:00.123Z']);
    expect(shown(windowAt('30d', now))).toEqual(['2028-02-28T22:10:00.123Z', '2028-03-29T22:10:00.123Z']);
  });
});

describe('the windows of a budget', () => {
  test.each([
    ['day', '2028-02-29T23:59:59.999Z', '2028-02-29', '2028-03-01'],
    ['day', '2028-03-01T00:00:00.000Z', '2028-03-01', '2028-03-02'],
    ['week', '2027-01-03T23:59:59.999Z', '2026-12-28/week', '2027-01-04'],
    ['month', '2026-12-31T23:59:59.999Z', '2026-12', '2027-01-01'],
    ['month', '2027-01-01T00:00:00.000Z', '2027-01', '2027-02-01'],
  ] as const)('a %s at %s is %s and ends at %s', (period, now, name, end) => {
    expect(budgetWindowAt(period, at(now))).toBe(name);
    expect(budgetEndsAt(period, at(now))).toBe(at(end));
  });

  test('a total never ends', () => {
    expect(budgetWindowAt('total', 0)).toBe('total');
    expect(budgetEndsAt('total', 0)).toBeUndefined();
  });
});

const length = fc.constantFrom('day', 'week', 'month', '5h', '7d' as const);
const instant = fc.integer({ min: at('1999-12-01'), max: at('2101-03-01') });

test('every instant is in its window, and the next window begins where that one ends', () => {
  fc.assert(
    fc.property(length, instant, fc.option(instant, { nil: undefined }), (per, now, anchor) => {
      const window = windowAt(per, now, anchor);
      expect(window.startsAt).toBeLessThanOrEqual(now);
      expect(window.endsAt).toBeGreaterThan(now);
      expect(windowAt(per, window.endsAt, anchor).startsAt).toBe(window.endsAt);
      if (/^\d/.test(per)) return;
      expect(windowAt(per, window.startsAt, anchor)).toEqual(window);
      expect(windowAt(per, window.endsAt - 1, anchor)).toEqual(window);
    }),
    { numRuns: 2_000 },
  );
});

describe('in a time zone with daylight saving time', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  test.each(['America/New_York', 'Europe/Berlin', 'Pacific/Auckland'])('of %s windows are those of UTC', (other) => {
    process.env['TZ'] = 'UTC';
    const times = ['2027-03-14T07:00Z', '2027-03-28T01:00Z', '2027-04-03T14:00Z', '2027-11-07T06:00Z'].map(at);
    const windows = () =>
      times.flatMap((now) => (['day', 'week', 'month'] as const).map((per) => windowAt(per, now, at('2027-01-31'))));
    const names = () =>
      times.flatMap((now) => (['day', 'week', 'month'] as const).map((per) => budgetWindowAt(per, now)));
    const expected = [windows(), names()];
    process.env['TZ'] = other;
    expect(new Date(times[0] as number).getTimezoneOffset()).not.toBe(0);
    expect([windows(), names()]).toEqual(expected);
  });
});
