import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestFilterOf } from '../../../dashboard-page/requests/request-filter.js';

const filterOf = (query: Record<string, string>) => requestFilterOf(new URLSearchParams(query));

describe('the filter of requests in an address', () => {
  let zone: string | undefined;
  beforeEach(() => {
    zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Shanghai';
  });
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  test('takes a day in the time zone of the visitor, as the times in the table', () => {
    expect(filterOf({ day: '2026-11-21' })).toEqual({
      from: '2026-11-20T16:00:00.000Z',
      to: '2026-11-21T16:00:00.000Z',
    });
  });

  test('takes a UTC day where usage or money leads to its requests', () => {
    expect(filterOf({ utcDay: '2026-11-21', status: 'failed' })).toEqual({
      status: 'failed',
      from: '2026-11-21T00:00:00.000Z',
      to: '2026-11-22T00:00:00.000Z',
    });
  });

  test.each(['', '+275760-09-13', '2026-13-01', 'yesterday'])('takes no notice of the UTC day "%s"', (utcDay) => {
    expect(filterOf({ utcDay })).toEqual({});
  });

  test.each(['', 'yesterday', '2026-11', '21.11.2026', '2026-99-99', '2026-02-31'])(
    'takes no notice of the day "%s"',
    (day) => {
      expect(filterOf({ day, before: 'req_1', model: '' })).toEqual({});
    },
  );
});
