import { createGateway, type Gateway, openai } from 'metask-gateway';
import { sqliteStore } from 'metask-gateway/sqlite';
import { fakeUpstream } from 'metask-gateway/testing';
import { database } from './database';
import { sendMail } from './mail';

// `next dev` loads modules again after each change; the gateway stays.
const kept = globalThis as { gateway?: Promise<Gateway> };

export const gateway = await (kept.gateway ??= start());

async function start(): Promise<Gateway> {
  const { OPENAI_API_KEY, LOW_BALANCE = '0.50' } = process.env;
  // Without a key, a stand-in for OpenAI answers.
  const provider = OPENAI_API_KEY === undefined ? (await fakeUpstream()).openai : { apiKey: OPENAI_API_KEY };
  return createGateway({
    providers: { openai: openai(provider) },
    models: {
      'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, cachedInput: 0.075, output: 0.6 } },
      'gpt-4o': { provider: 'openai', price: { input: 2.5, cachedInput: 1.25, output: 10 } },
    },
    plans: {
      free: { models: ['gpt-4o-mini'], limits: { requestsPerMinute: 20 }, billing: 'prepaid' },
      pro: { models: '*', limits: { requestsPerMinute: 600 }, billing: 'prepaid' },
    },
    defaultPlan: 'free',
    store: sqliteStore(database),
    thresholds: { balance: [LOW_BALANCE] },
    on: { 'balance.low': ({ accountId, data }) => warnOfLowBalance(accountId, String(data['balance'])) },
  });
}

/** Called once each time that a balance falls below the threshold, also after a restart. */
function warnOfLowBalance(userId: string | null, balance: string): void {
  const user = database.prepare('select email from user where id = ?').get(userId) as { email: string } | undefined;
  if (user) sendMail(user.email, 'Your balance is low', `$${balance} is left. Add credit at /dashboard/billing.`);
}
