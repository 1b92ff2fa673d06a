import { type StripeBilling, stripeBilling } from 'metask-gateway/stripe';
import { fakeStripe } from 'metask-gateway/testing';
import Stripe from 'stripe';
import { auth } from './auth';
import { gateway } from './gateway';

const kept = globalThis as { billing?: Promise<StripeBilling> };

export const billing = await (kept.billing ??= start());

async function start(): Promise<StripeBilling> {
  const { stripe, webhookSecret, proPrice } = await connect();
  return stripeBilling({
    gateway,
    stripe,
    webhookSecret,
    authenticate: async ({ headers }) => {
      const session = await auth.api.getSession({ headers: new Headers(headers as Record<string, string>) });
      return session && { accountId: session.user.id, email: session.user.email };
    },
    packs: ['10', '25', '100'],
    plans: { [proPrice]: 'pro' },
    autoReload: { dailyLimit: '100' },
    returnUrl: '/dashboard/billing',
    onAutoReload: (event) => console.log('auto-reload', event),
  });
}

/** Stripe with your test keys; without them, a stand-in with a page on which "Pay" is the only button. */
async function connect(): Promise<{ stripe: Stripe; webhookSecret: string; proPrice: string }> {
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET = '', STRIPE_PRO_PRICE = '' } = process.env;
  if (STRIPE_SECRET_KEY !== undefined) {
    return { stripe: new Stripe(STRIPE_SECRET_KEY), webhookSecret: STRIPE_WEBHOOK_SECRET, proPrice: STRIPE_PRO_PRICE };
  }
  const { APP_URL = 'http://localhost:3000' } = process.env;
  const fake = await fakeStripe({ webhookUrl: `${APP_URL}/billing/webhook` });
  fake.put('price', { id: 'price_pro', unit_amount: 2_000, currency: 'usd', recurring: { interval: 'month' } });
  return {
    stripe: new Stripe('sk_test_fake', fake.options),
    webhookSecret: fake.webhookSecret,
    proPrice: 'price_pro',
  };
}
