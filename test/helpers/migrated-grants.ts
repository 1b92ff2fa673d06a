import { expect } from 'vitest';
import type { FullMeter } from '../../src/meter/meter.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

/**
 * Two grants of 7 and 9 nano-USD that end in an hour, as a schema with the column `told` has them: the expiry of the first was
 * announced. SQL that both databases read; `yes` and `no` are their booleans.
 */
export function grantsOfOlderSchema(yes: string, no: string): string {
  const entry = (seq: number, amount: number) =>
    `('user_1', ${seq}, 'grant', 'grant', 'grant_${seq}', ${amount}, 0, ${NOW - HOUR}, 'gift ${seq}', NULL)`;
  const grant = (seq: number, amount: number, told: string) =>
    `('user_1', 'grant_${seq}', ${seq}, ${amount}, 0, 0, ${NOW + HOUR}, NULL, 'gift ${seq}', ${yes}, ${told})`;
  return `INSERT INTO gateway_balances (account_id, balance, held, entries, grants) VALUES ('user_1', 0, 0, 2, 2);
    INSERT INTO gateway_entries (account_id, seq, kind, source, source_id, amount, balance_after, at, reference, note)
      VALUES ${entry(1, 7)}, ${entry(2, 9)};
    INSERT INTO gateway_grants (account_id, id, seq, amount, used, held, expires_at, reason, reference, open, told)
      VALUES ${grant(1, 7, yes)}, ${grant(2, 9, no)};`;
}

/** Both grants can be spent, only the second is still announced, and a new one joins them. */
export async function expectGrantsKept(meter: FullMeter): Promise<void> {
  const options = { grantsExpiringMs: 2 * HOUR };
  await meter.expire(NOW, options);
  await meter.expire(NOW, options);
  const notices = await meter.takeNotices(NOW, NOW + HOUR, 10);
  expect(notices.map(({ type, data }) => [type, data['grant'], data['left']])).toEqual([
    ['grant.expiring', 'grant_2', '0.000000009'],
  ]);
  const grant = { accountId: 'user_1', amount: 5n, idempotencyKey: 'gift 3', now: NOW };
  expect(await meter.grant(grant)).toMatchObject({ ok: true, duplicate: false });
  expect(await meter.grant({ ...grant, amount: 9n, idempotencyKey: 'gift 2' })).toMatchObject({
    ok: true,
    duplicate: true,
  });
  const left = async (now: number) => (await meter.funds('user_1', now)).grants.map(({ id, left }) => [id, left]);
  expect(await left(NOW)).toEqual([
    ['grant_1', 7n],
    ['grant_2', 9n],
    ['grant_3', 5n],
  ]);
  await meter.expire(NOW + 3 * HOUR, options);
  expect(await left(NOW)).toEqual([['grant_3', 5n]]);
}
