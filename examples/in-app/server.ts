import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import express, { type Request } from 'express';
import { createGateway, openai } from 'metask-gateway';
import { toExpressHandler } from 'metask-gateway/express';
import { fakeUpstream } from 'metask-gateway/testing';
import OpenAI, { APIError } from 'openai';

// Without a provider key, a stand-in for OpenAI answers.
const apiKey = process.env['OPENAI_API_KEY'];
const provider = apiKey ? { apiKey } : (await fakeUpstream()).openai;

const gateway = createGateway({
  providers: { openai: openai(provider) },
  models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, output: 0.6 } } },
  plans: {
    members: { models: '*', billing: 'prepaid', limits: { requestsPerMinute: 60 } },
    shops: { models: '*', limits: { requestsPerMinute: 600 } },
  },
  defaultPlan: 'members',
});

/** A stand-in for the app's own session. */
const memberOf = (req: Request) => /(?:^|; )member=(\w+)/.exec(req.headers.cookie ?? '')?.[1];

const app = express();
app.use('/v1', toExpressHandler(gateway)); // Before body parsers. The widget asks here.
app.use(express.json());

app.get('/', async (_req, res) => {
  // What an app does when somebody signs up: an account with its first credit.
  await gateway.accounts.create({ id: 'alice', grant: { amount: '1', reason: 'welcome' } });
  res.cookie('member', 'alice', { httpOnly: true, sameSite: 'lax' });
  res.sendFile(fileURLToPath(new URL('page.html', import.meta.url)));
});

// A feature of the app: no key, no socket, and what it costs is the member's.
app.post('/chat', async (req, res) => {
  const accountId = memberOf(req);
  if (!accountId) return void res.status(401).json({ error: 'Sign in first.' });
  const fetch = gateway.fetchFor({ accountId, tags: { feature: 'chat' } });
  const client = new OpenAI({ baseURL: 'http://gateway.test/v1', apiKey: 'unused', fetch });
  // Whoever leaves stops the model, and pays for what came until then.
  const left = new AbortController();
  res.on('close', () => left.abort());
  try {
    const messages = [{ role: 'user' as const, content: String(req.body.message) }];
    const request = { model: 'gpt-4o-mini', messages, max_tokens: 500, stream: true } as const;
    const stream = await client.chat.completions.create(request, { signal: left.signal });
    for await (const chunk of stream) res.write(chunk.choices[0]?.delta.content ?? '');
    res.end();
  } catch (error) {
    if (left.signal.aborted || res.headersSent) return void res.destroy();
    if (!(error instanceof APIError)) throw error;
    res.status(error.status ?? 500).json({ error: error.message });
  }
});

// A widget on a public page: the shop pays, each visitor gets a token for some cents and some minutes.
app.post('/widget/token', async (req, res) => {
  res.json(await widgetToken(String(req.body.visitor)));
});

function widgetToken(visitor: string) {
  return gateway.sessions.create({
    accountId: 'shop',
    ttl: '15m',
    budget: '0.05',
    models: ['gpt-4o-mini'],
    endUser: visitor,
    tags: { feature: 'widget' },
  });
}

// For the operator: which feature costs what, for whom.
app.get('/costs', async (_req, res) => {
  res.json(await gateway.usage.query({ groupBy: ['account', 'via', 'endUser', 'tag:feature'] }));
});

await gateway.accounts.setPlan('shop', 'shops');
const { token } = await widgetToken('from the terminal');
const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  const { port } = server.address() as AddressInfo;
  console.log(`page: http://localhost:${port}/\nbaseURL: http://localhost:${port}/v1\napiKey: ${token}`);
});
