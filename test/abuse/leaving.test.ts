import { afterEach, describe, expect, test } from 'vitest';
import { gate } from '../../src/testing/index.js';
import { until } from '../helpers/money-gateway.js';
import { type AbuseSite, abuseSite, listPrice } from './abuse-site.js';
import { CHAT, FILE, leaveAt, openaiStream, REPORT, reportOf, settled, TEXT } from './leaving-clients.js';

let site: AbuseSite;

afterEach(() => site.close());

describe('a client that leaves with the whole answer', () => {
  test.each([
    ['cancel', TEXT],
    ['cancel', FILE],
    ['drain', FILE],
  ] as const)('pays what is reported afterwards, under the policy %s', async (onClientAbort, messages) => {
    const before = gate();
    site = await abuseSite(
      { body: openaiStream(reportOf(REPORT), before) },
      { onClientAbort, drain: { maxStreams: 0 } },
    );
    const attacker = await site.attacker('5');
    await leaveAt(site, attacker, 'chat/completions', { model: 'gpt', ...CHAT, messages }, '"finish_reason":"stop"');
    before.open();
    await settled(site, attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
  });

  test('pays what is reported on a metered plan, too', async () => {
    const before = gate();
    site = await abuseSite({ body: openaiStream(reportOf(REPORT), before) });
    const attacker = await site.attacker('0', { plan: 'metered' });
    await leaveAt(
      site,
      attacker,
      'chat/completions',
      { model: 'gpt', ...CHAT, messages: TEXT },
      '"finish_reason":"stop"',
    );
    before.open();
    await settled(site, attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
  });

  test('takes no place from others, and has no more than its own', async () => {
    const before = gate();
    site = await abuseSite(
      { body: openaiStream(reportOf(REPORT), before) },
      { lateReports: { maxPerAccount: 2, maxStreams: 3 } },
    );
    const body = { model: 'gpt', ...CHAT, messages: TEXT };
    const first = await site.attacker('9');
    for (let i = 0; i < 4; i += 1) await leaveAt(site, first, 'chat/completions', body, '"finish_reason":"stop"');
    // Two wait for their report; the others are charged the most that the answer can have used.
    await until(() => true);
    const other = await site.attacker('5');
    await leaveAt(site, other, 'chat/completions', body, '"finish_reason":"stop"');
    before.open();
    await settled(site, other);
    await settled(site, first);
    expect(await other.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
    expect(await first.charged()).toBeGreaterThanOrEqual(4 * listPrice('gpt', { input: 0, output: 30_010 }));
    expect(await first.balance()).toBeGreaterThanOrEqual(0);
  });

  test('of a stream that never reports pays the most that it can have used', async () => {
    const before = gate();
    site = await abuseSite({ body: openaiStream(reportOf(REPORT), before) }, { lateReports: { maxMs: 50 } });
    const attacker = await site.attacker('5');
    await leaveAt(
      site,
      attacker,
      'chat/completions',
      { model: 'gpt', ...CHAT, messages: TEXT },
      '"finish_reason":"stop"',
    );
    await settled(site, attacker);
    expect(await attacker.charged()).toBeGreaterThanOrEqual(listPrice('gpt', { input: 0, output: 40_000 }));
    expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
  });
});

test('a client that leaves a large request in its middle pays what is reported', async () => {
  const before = gate();
  site = await abuseSite({ text: ['One ', before, 'two.'], usage: REPORT });
  const attacker = await site.attacker('5');
  const body = { model: 'gpt', ...CHAT, messages: FILE };
  await leaveAt(site, attacker, 'chat/completions', body, 'One ');
  before.open();
  await settled(site, attacker);
  expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
});

test('a client that leaves a small request in its middle pays its input and what it was sent', async () => {
  const before = gate();
  site = await abuseSite({ text: ['One ', before, 'two.'], usage: REPORT });
  const attacker = await site.attacker('5');
  await leaveAt(
    site,
    attacker,
    'chat/completions',
    { model: 'mini', ...CHAT, max_tokens: 100, messages: TEXT },
    'One ',
  );
  await settled(site, attacker);
  expect(await attacker.charged()).toBeLessThan(0.0001);
});
