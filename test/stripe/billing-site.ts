import express from 'express';
import Stripe from 'stripe';
import { expect } from 'vitest';
import { toExpressHandler } from '../../src/http/express.js';
import { type Gateway, type Logger, openai } from '../../src/index.js';
import { type StripeBillingOptions, stripeBilling } from '../../src/stripe/index.js';
import {
  type FakeEventDetails,
  type FakeStripe,
  type FakeUpstream,
  fakeStripe,
  fakeUpstream,
  type TestClock,
  testClock,
} from '../../src/testing/index.js';
import { type Listening, listen } from '../helpers/listen.js';
import { unservedGateway } from '../helpers/test-gateway.js';
import { testLogger } from '../helpers/test-logger.js';

/** A gateway and its billing in an Express app, in front of a scripted Stripe. */
export interface BillingSite {
  readonly api: FakeStripe;
  readonly stripe: Stripe;
  readonly gateway: Gateway;
  readonly upstream: FakeUpstream;
  readonly site: Listening;
  readonly clock: TestClock;
  readonly logs: unknown[];
  post(route: string, account: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  state(account: string): Promise<Record<string, unknown>>;
  /** Sends an event as Stripe would. */
  deliver(type: string, object: Record<string, unknown>, details?: FakeEventDetails): Promise<Response>;
  /** Buys a pack on Stripe's page. @returns the payment's id; its events are not delivered yet. */
  buy(
    account: string,
    pack: string,
  ): Promise<{ payment: string; events: { type: string; object: Record<string, unknown> }[] }>;
  balance(account: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts one. */
export async function billingSite(options: Partial<StripeBillingOptions> = {}): Promise<BillingSite> {
  const api = await fakeStripe();
  const stripe = new Stripe('sk_test_fake', api.options);
  const upstream = await fakeUpstream();
  const clock = testClock(Date.parse('2026-03-10T12:00:00Z'));
  const logs: unknown[] = [];
  const logger: Logger = {
    ...testLogger,
    warn: (fields) => void logs.push(fields),
    error(fields, message) {
      logs.push(fields);
      testLogger.error(fields, message);
    },
  };
  const gateway = unservedGateway({
    providers: { openai: openai(upstream.openai) },
    models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 1, output: 2 }, maxOutputTokens: 1_000 } },
    plans: { free: { models: '*', billing: 'prepaid' }, pro: { models: '*', billing: 'prepaid' } },
    defaultPlan: 'free',
    now: clock.now,
    logger,
  });
  const billing = stripeBilling({
    gateway,
    stripe,
    webhookSecret: api.webhookSecret,
    authenticate: ({ headers }) => {
      const account = headers['x-account'];
      return typeof account === 'string' ? { accountId: account, email: `${account}@example.com` } : null;
    },
    packs: ['10', '25', '100'],
    plans: { price_pro: 'pro' },
    returnUrl: '/dashboard/billing',
    now: clock.now,
    logger,
    ...options,
  });
  api.put('price', { id: 'price_pro', unit_amount: 2_000, currency: 'usd', recurring: { interval: 'month' } });
  const app = express();
  app.use('/billing', toExpressHandler(billing));
  const site = await listen(app);
  const post: BillingSite['post'] = (route, account, body, headers = {}) =>
    fetch(`${site.origin}/billing/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-account': account, origin: site.origin, ...headers },
      body: JSON.stringify(body),
    });
  return {
    api,
    stripe,
    gateway,
    upstream,
    site,
    clock,
    logs,
    post,
    async state(account) {
      const response = await fetch(`${site.origin}/billing/state`, { headers: { 'x-account': account } });
      return (await response.json()) as Record<string, unknown>;
    },
    deliver(type, object, details = {}) {
      const { body, signature } = api.sign({ type, object }, details);
      return fetch(`${site.origin}/billing/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'stripe-signature': signature },
        body,
      });
    },
    async buy(account, pack) {
      const response = await post('checkout', account, { pack });
      if (response.status !== 200) throw new Error(await response.text());
      const session = api.all('checkout.session').at(-1);
      const events = api.pay(String(session?.id));
      return { payment: String(api.all('payment_intent').at(-1)?.id), events };
    },
    balance: async (account) => (await gateway.accounts.overview(account)).balance,
    async close() {
      billing.close();
      await site.close();
      await gateway.close({ deadlineMs: 0 });
      await upstream.close();
      await api.close();
    },
  };
}

/** Sends events, one after the other, and expects that each is taken. */
export async function deliverAll(
  site: BillingSite,
  events: readonly { type: string; object: Record<string, unknown> }[],
): Promise<void> {
  for (const { type, object } of events) expect((await site.deliver(type, object)).status).toBe(200);
}

/** The options of billing that are a site's own. */
export function optionsOf({ gateway, stripe }: BillingSite) {
  return { gateway, stripe, authenticate: () => 'ada', returnUrl: '/billing' };
}
