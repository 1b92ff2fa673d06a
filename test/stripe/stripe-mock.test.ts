import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { savedCard } from '../../src/stripe/auto-reload.js';
import { checkout } from '../../src/stripe/checkout.js';
import { Customers } from '../../src/stripe/customers.js';
import { readBillingOptions } from '../../src/stripe/options.js';
import { PlanPrices } from '../../src/stripe/plan-prices.js';
import { choiceEntries } from '../../src/stripe/reload-settings.js';
import { billingState } from '../../src/stripe/state.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';

const PROGRAM = programPath();
const WHY = 'stripe-mock is not installed: go install github.com/stripe/stripe-mock@latest';

function programPath(): string | undefined {
  const path = [join(homedir(), 'go', 'bin'), ...(process.env['PATH'] ?? '').split(':')];
  return path.map((folder) => join(folder, 'stripe-mock')).find((file) => existsSync(file));
}

/** Stripe's own mock checks each request against Stripe's published OpenAPI document. */
describe.skipIf(PROGRAM === undefined)(`stripe-mock${PROGRAM ? '' : ` (${WHY})`}`, () => {
  let mock: ChildProcess;
  let stripe: Stripe;

  beforeAll(async () => {
    const port = await freePort();
    mock = spawn(PROGRAM as string, ['-http-port', String(port)], { stdio: 'ignore' });
    stripe = new Stripe('sk_test_123', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
    await eventually(async () => {
      try {
        await stripe.customers.list();
        return true;
      } catch {
        return false;
      }
    });
  });
  afterAll(() => mock.kill());

  function settings() {
    return readBillingOptions({
      gateway: { plans: ['free', 'pro'], credits: {}, accounts: {}, usage: {} } as never,
      stripe,
      webhookSecret: 'whsec_1',
      authenticate: () => 'ada',
      packs: ['10'],
      plans: { price_1: 'pro' },
      autoReload: true,
      returnUrl: 'https://app.example/billing',
    });
  }

  const buyer = { accountId: "o'hara", email: 'o@example.com', returnUrl: 'https://app.example/billing' };

  test('takes every request of a top-up, a subscription, auto-reload, and the state', async () => {
    const options = settings();
    const customers = new Customers({ ...options, customers: { get: () => undefined, set: () => {} } });
    const parts = { customers, prices: new PlanPrices(options) };
    expect(await checkout(options, parts, { pack: '10' }, buyer)).toContain('https://');
    await checkout(options, parts, { plan: 'pro' }, buyer);
    const { id: customer } = await customers.ensure(buyer.accountId, undefined);
    await stripe.customers.update(customer, {
      metadata: choiceEntries({ threshold: 5n, amount: 10n, dailyLimit: 20n }),
    });
    const known = await customers.retrieve(customer);
    expect(known).toBeDefined();
    await savedCard(stripe, known as Stripe.Customer);
    expect(await billingState(options, parts, buyer.accountId)).toMatchObject({ packs: ['10'] });
    await new Customers(options).find(buyer.accountId);
  });
});
