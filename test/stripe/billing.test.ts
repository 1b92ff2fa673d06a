import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StripeBillingOptions, stripeBilling } from '../../src/stripe/index.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { type BillingSite, billingSite, optionsOf } from './billing-site.js';

let site: BillingSite;
beforeEach(async () => {
  site = await billingSite();
});
afterEach(() => site.close());

test('while Stripe is away the answer is 503, which may be tried again', async () => {
  await site.api.close();
  const answers = [await site.post('checkout', 'ada', { pack: '10' }), await site.post('portal', 'ada', {})];
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer.json()).toMatchObject({ error: { code: 'service_unavailable' } });
  }
  expect(await site.state('ada')).toMatchObject({ error: { code: 'service_unavailable' } });
  expect(new Set(loggedErrors())).toEqual(new Set(['billing could not answer']));
});

describe('who may write', () => {
  test.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'content-type': 'text/plain' }, 415],
  ])('%j is refused', async (headers, status) => {
    for (const route of ['checkout', 'portal']) {
      expect((await site.post(route, 'ada', { pack: '10' }, headers)).status).toBe(status);
    }
    expect(site.api.requests).toEqual([]);
  });

  test('nobody without a session', async () => {
    expect((await fetch(`${site.site.origin}/billing/state`)).status).toBe(401);
  });

  test('a page of the dashboard that was loaded for another account is answered and changes nothing', async () => {
    const page = (account: string) => ({ 'x-dashboard-account': encodeURIComponent(account) });
    const state = (account: string) =>
      fetch(`${site.site.origin}/billing/state`, { headers: { 'x-account': 'ada', ...page(account) } });
    const refused = [
      await state('eve'),
      await site.post('checkout', 'ada', { pack: '10' }, page('eve')),
      await site.post('portal', 'ada', {}, page('eve')),
      await site.post('auto-reload', 'ada', { enabled: false }, page('eve')),
    ];
    for (const answer of refused)
      expect([answer.status, await answer.json()]).toMatchObject([401, { error: { code: 'unauthenticated' } }]);
    expect(site.api.requests).toEqual([]);
    expect((await state('ada')).status).toBe(200);
  });

  test('unknown routes and methods say what there is', async () => {
    const unknown = await fetch(`${site.site.origin}/billing/refund`, { method: 'POST' });
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('POST checkout');
    expect((await fetch(`${site.site.origin}/billing/checkout`)).status).toBe(405);
  });
});

describe('options', () => {
  test.each([
    [{ webhookSecret: '' }, 'webhookSecret: required'],
    [{ webhookSecret: undefined as unknown as string }, 'webhookSecret: required'],
    [{ packs: ['0.2'] }, 'packs[0]'],
    [{ packs: ['ten'] }, 'packs[0]: must be an amount in USD above zero and up to 999999.99'],
    [{ packs: ['1000000'] }, 'packs[0]: must be an amount in USD above zero and up to 999999.99'],
    [{ packs: ['0.505'] }, 'packs[0]: 0.505 is not an amount of at least 0.50 in whole cents'],
    [{ plans: { price_1: 'gold' } }, "plans.price_1: 'gold' is not a plan"],
    [{ returnUrl: 'javascript:alert(1)' }, 'returnUrl'],
    [{ returnUrl: '/\\evil.example' }, 'returnUrl'],
    [{ returnUrl: 'https://' }, 'returnUrl'],
    [{ webhookSecrets: 'x' } as object, "webhookSecrets is not an option; did you mean 'webhookSecret'?"],
    [{ packs: '10' }, 'packs must be an array'],
    [{ packs: [{}] }, 'packs[0]: must be an amount'],
    [{ plans: 'pro' }, 'plans must be an object'],
    [{ plans: null }, 'plans must be an object'],
    [{ autoReload: null }, 'autoReload must be an object'],
    [{ autoReload: 'yes' }, 'autoReload must be an object'],
    [{ autoReload: { dailyLimits: '5' } }, "autoReload.dailyLimits is not an option; did you mean 'dailyLimit'?"],
    [{ autoReload: { dailyLimit: null } }, 'autoReload.dailyLimit: must be an amount'],
    [{ productName: 5 }, 'productName must be a non-empty string'],
    [{ productName: '' }, 'productName must be a non-empty string'],
    [{ allowedOrigins: 'https://a.example' }, 'allowedOrigins must be an array of origins'],
    [{ allowedOrigins: ['https://a.example/'] }, 'allowedOrigins must be an array of origins'],
    [{ customers: { get: () => null } }, 'customers must have the method set'],
    [{ onAutoReload: 'log' }, 'onAutoReload must be a function'],
    [{ logger: {} }, 'logger must have'],
    [{ now: 5 }, 'now must be a function'],
  ])('%j throws at start', (wrong, problem) => {
    const options = { ...optionsOf(site), webhookSecret: 'whsec_1', ...wrong } as StripeBillingOptions;
    expect(() => stripeBilling(options)).toThrow('stripeBilling: ');
    expect(() => stripeBilling(options)).toThrow(problem);
  });
});
