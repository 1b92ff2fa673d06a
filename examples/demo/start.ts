import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import express from 'express';
import Database from 'libsql';
import { pick } from '../../src/catalogue/index.js';
import { createDashboard } from '../../src/dashboard/index.js';
import { toExpressHandler } from '../../src/http/express.js';
import { anthropic, createGateway, google, openai } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { startFakeProviders } from './fake-providers.js';
import { homePage } from './home-page.js';
import { keptKey } from './kept-key.js';
import { listenOnFreePort } from './listen.js';
import { authenticate, signIn } from './sign-in.js';

/**
 * The whole gateway in one process: Express, three providers, data in a file. Without any provider key, local
 * stand-ins speak the providers' wire formats.
 */
const { OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY, PORT, DATA_DIR = '.data' } = process.env;

const fake = OPENAI_API_KEY && ANTHROPIC_API_KEY && GOOGLE_API_KEY ? undefined : await startFakeProviders();
const at = (key: string | undefined, path = '') => ({
  apiKey: key ?? 'none',
  ...(!key && fake && { baseURL: fake.url + path }),
});

mkdirSync(DATA_DIR, { recursive: true });
const file = resolve(DATA_DIR, 'gateway.db');

/** The newest models of each provider, with their prices. */
const models = pick([
  ...['gpt-6-luna', 'gpt-6.1-sol', 'gpt-6-astra'],
  ...['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'],
  ...['gemini-3.8-flash', 'gemini-4-argon'],
]);

const gateway = createGateway({
  providers: {
    openai: openai(at(OPENAI_API_KEY, '/v1')),
    anthropic: anthropic(at(ANTHROPIC_API_KEY)),
    google: google(at(GOOGLE_API_KEY)),
  },
  models,
  plans: {
    free: { models: ['gpt-6-luna'], limits: { requestsPerMinute: 20, tokensPerMinute: 40_000 } },
    pro: { models: '*', limits: { requestsPerMinute: 600, concurrentRequests: 20 }, billing: 'prepaid' },
  },
  defaultPlan: 'free',
  store: sqliteStore(new Database(file)),
});

await gateway.accounts.setPlan('demo', 'pro');
// The code is there already when the demo starts again.
await gateway.promoCodes.create({ code: 'HELLO', amount: '5' }).catch(() => undefined);
await gateway.credits.topUp({ accountId: 'demo', amount: '10', idempotencyKey: 'welcome' });
const key = await keptKey(gateway, resolve(DATA_DIR, 'key.json'));

const app = express();
app.get('/', homePage(Object.keys(models)));
app.use('/v1', toExpressHandler(gateway));
app.use('/login', signIn());
app.use('/dashboard', toExpressHandler(createDashboard({ gateway, authenticate, loginUrl: '/login' })));

const server = createServer(app);
const baseURL = await listenOnFreePort(server, PORT || undefined).then(
  (port) => `http://localhost:${port}/v1`,
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    // New requests are refused at once, running ones end; then the connections can go.
    await gateway.close({ deadlineMs: 5_000 });
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}

process.stdout.write(instructions(baseURL));

function instructions(baseURL: string): string {
  const providers = fake ? 'local stand-ins where no provider key is set' : 'the real providers';
  return `
metask-gateway is running at ${baseURL} (${providers}).
Data: ${file}

Open ${new URL('/', baseURL)} in a browser. The dashboard is at ${new URL('/dashboard/', baseURL)} (promo code HELLO).

Your key, the same at each start:  ${key}

Try it:

curl ${baseURL}/chat/completions -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d '{"model":"gpt-6-luna","messages":[{"role":"user","content":"Hello!"}]}'

curl -N ${baseURL}/chat/completions -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d '{"model":"claude-haiku-5-5","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

Models: ${Object.keys(models).join(', ')}

Any OpenAI client, with two settings changed:

  Node:    const client = new OpenAI({ baseURL: '${baseURL}', apiKey: '${key}' })
  Python:  client = OpenAI(base_url="${baseURL}", api_key="${key}")

`;
}
