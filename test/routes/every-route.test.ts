import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type Gateway, google, openai } from '../../src/index.js';
import { ROUTES } from '../../src/routes/table.js';
import { type FakeAnswer, type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { png, wav } from '../helpers/media-files.js';
import { testLogger } from '../helpers/test-logger.js';

/** A request to a route. */
interface Sample {
  readonly body: object | FormData;
  readonly answer?: FakeAnswer;
  /** Costs nothing, by its contract. */
  readonly free?: boolean;
  /** Uses what a price of text alone says nothing about. */
  readonly media?: boolean;
}

const USAGE = { usage: { input: 100, output: 50 } };
const SAID = { text: 'Hello.', ...USAGE };
const MESSAGES = [{ role: 'user', content: 'Hello!' }];
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'Hello!' }] }] };
const IMAGE = { body: JSON.stringify({ created: 1, data: [{ b64_json: 'AAAA' }] }) };
const sound = () => new File([new Uint8Array(wav(2))], 'a.wav', { type: 'audio/wav' });
const picture = () => new File([new Uint8Array(png(8, 8))], 'a.png', { type: 'image/png' });

/** Of each metered route a request for each model; a route without one fails the first test. */
const SAMPLES: Readonly<Record<string, (model: string) => Sample>> = {
  'chat/completions': (model) => ({ body: { model, messages: MESSAGES }, answer: SAID }),
  responses: (model) => ({ body: { model, input: 'Hello!' }, answer: SAID }),
  'responses/compact': (model) => ({ body: { model, input: 'Hello!' }, answer: SAID }),
  embeddings: (model) => ({ body: { model, input: 'Hello!' } }),
  completions: (model) => ({ body: { model, prompt: 'Hello!' }, answer: SAID }),
  messages: (model) => ({ body: { model, max_tokens: 100, messages: MESSAGES }, answer: SAID }),
  'messages/count_tokens': (model) => ({ body: { model, messages: MESSAGES }, free: true }),
  'models/{model}:generateContent': () => ({ body: CONTENTS, answer: SAID }),
  'models/{model}:streamGenerateContent': () => ({ body: CONTENTS, answer: SAID }),
  'models/{model}:countTokens': () => ({ body: CONTENTS, free: true }),
  'images/generations': (model) => ({ body: { model, prompt: 'A cat' }, answer: IMAGE, media: true }),
  'images/edits': (model) => ({ body: form({ model, prompt: 'A cat', image: picture() }), answer: IMAGE, media: true }),
  'audio/speech': (model) => ({
    body: { model, input: 'Hello!', voice: 'alloy' },
    answer: { body: 'sound' },
    media: true,
  }),
  'audio/transcriptions': (model) => ({
    body: form({ model, file: sound() }),
    answer: { body: '{"text":"Hello!"}' },
    media: true,
  }),
  'audio/translations': (model) => ({
    body: form({ model, file: sound() }),
    answer: { body: '{"text":"Hello!"}' },
    media: true,
  }),
  moderations: (model) => ({
    body: { model, input: 'Hello!' },
    answer: { body: '{"id":"m","model":"m","results":[]}' },
  }),
};

const METERED = ROUTES.flatMap((route) => ('read' in route ? [route.path] : []));
const TEXT = { input: 1, output: 2 };
const UNITS = { image: '0.04', character: '0.00001', input_second: '0.0001' };

let upstream: FakeUpstream;
let gateway: Gateway;
const refused = new Set<string>();

beforeAll(async () => {
  upstream = await fakeUpstream();
  gateway = createGateway({
    providers: { openai: openai(upstream.openai), google: google(upstream.google) },
    models: {
      priced: { provider: 'openai', model: 'gpt-4o-mini', price: { ...TEXT, units: UNITS } },
      text: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 0, output: 0 } },
    },
    plans: {
      metered: { models: '*' },
      prepaid: { models: '*', billing: 'prepaid' },
      limited: { models: '*', limits: { requestsPerMinute: 1 } },
      other: { models: ['text'] },
    },
    defaultPlan: 'metered',
    requestLog: {},
    hooks: [
      {
        name: 'guard',
        request: ({ identity, refuse, route }) => {
          if (identity.accountId !== 'guarded') return undefined;
          refused.add(route);
          return refuse('not_here', 'Not here.');
        },
      },
    ],
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
});

afterAll(async () => {
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

test('every metered route has a sample here', () => {
  expect(Object.keys(SAMPLES).toSorted()).toEqual(METERED.toSorted());
});

describe.each(METERED)('POST %s', (path) => {
  const sample = (model: string): Sample => SAMPLES[path]?.(model) ?? { body: {} };

  /** What came of a request of an account on a plan, and how many requests reached the provider. */
  async function ask(accountId: string, plan: string, model = 'priced') {
    await gateway.accounts.setPlan(accountId, plan);
    const { key } = await gateway.keys.create({ accountId, name: 'k' });
    const { body, answer } = sample(model);
    const before = upstream.requests.length;
    if (answer) upstream.answer(answer);
    const isForm = body instanceof FormData;
    const response = await gateway.fetch(
      new Request(`http://gateway.test/v1/${path.replace('{model}', model)}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, ...(!isForm && { 'content-type': 'application/json' }) },
        body: isForm ? body : JSON.stringify(body),
      }),
    );
    const text = await response.text();
    const reached = upstream.requests.length - before;
    // What was scripted and not fetched must not answer another request.
    if (answer && reached === 0) await fetch(`${upstream.url}/v1/chat/completions`, { method: 'POST', body: '{}' });
    return { status: response.status, headers: response.headers, text, reached };
  }

  const idOf = (what: string) => `${what} of ${path}`;

  test('charges what it costs, once, and logs it', async () => {
    const accountId = idOf('payer');
    await gateway.credits.topUp({ accountId, amount: '1', idempotencyKey: 'first' });
    const { status, headers, text } = await ask(accountId, 'prepaid');
    expect([status, text]).toEqual([200, expect.any(String)]);
    const spent = Number((1 - Number((await gateway.accounts.overview(accountId)).available)).toFixed(9));
    expect(spent === 0).toBe(sample('priced').free === true);
    if (headers.has('x-gateway-cost')) expect(Number(headers.get('x-gateway-cost'))).toBe(spent);
    const [record, ...others] = (await gateway.requests.list({ accountId })).filter(({ model }) => model === 'priced');
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      accountId,
      status: 200,
      provider: sample('priced').free ? expect.anything() : 'openai',
    });
    expect(Number(record?.cost)).toBe(spent);
    const entries = (await gateway.credits.history(accountId)).filter(({ kind }) => kind === 'usage');
    expect(entries).toHaveLength(spent === 0 ? 0 : 1);
  });

  test('reaches no provider without money', async () => {
    const { status, reached } = await ask(idOf('pauper'), 'prepaid');
    if (sample('priced').free) expect(status).toBe(200);
    else expect([status, reached]).toEqual([403, 0]);
  });

  test('reaches no provider without a price for what it uses', async () => {
    if (!sample('text').media) return;
    const accountId = idOf('unpriced');
    await gateway.credits.topUp({ accountId, amount: '1', idempotencyKey: 'first' });
    const { status, reached } = await ask(accountId, 'prepaid', 'text');
    expect([status, reached]).toEqual([400, 0]);
  });

  test('reaches no provider past the plan, a hook or a limit', async () => {
    expect(await ask(idOf('other'), 'other')).toMatchObject({ status: 403, reached: 0 });
    const guarded = await ask('guarded', 'metered');
    expect([guarded.reached, guarded.status >= 400 && guarded.text.includes('Not here.')]).toEqual([0, true]);
    expect((await ask(idOf('limited'), 'limited')).status).toBe(200);
    expect(await ask(idOf('limited'), 'limited')).toMatchObject({ status: 429, reached: 0 });
  });
});

function form(fields: Record<string, string | File>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}
