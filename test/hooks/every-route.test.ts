import { describe, expect, test } from 'vitest';
import type { Hook } from '../../src/index.js';
import { ROUTES } from '../../src/routes/table.js';
import type { FakeAnswer } from '../../src/testing/index.js';
import { png, wav } from '../helpers/media-files.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { PROVIDERS, type Site, site } from './hook-site.js';

const SAID = 'what is the plan';
const MESSAGES = [{ role: 'user', content: SAID }];
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: SAID }] }] };
const sound = () => new File([new Uint8Array(wav(2))], 'a.wav', { type: 'audio/wav' });
const picture = () => new File([new Uint8Array(png(8, 8))], 'a.png', { type: 'image/png' });

function form(fields: Readonly<Record<string, string | File>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

/** A request to each route that says the same; a route without one fails the first test. */
const SAMPLES: Readonly<Record<string, (model: string) => object>> = {
  'chat/completions': (model) => ({ model, messages: MESSAGES }),
  responses: (model) => ({ model, input: SAID }),
  'responses/compact': (model) => ({ model, input: SAID }),
  embeddings: (model) => ({ model, input: SAID }),
  completions: (model) => ({ model, prompt: SAID }),
  messages: (model) => ({ model, max_tokens: 100, messages: MESSAGES }),
  'messages/count_tokens': (model) => ({ model, messages: MESSAGES }),
  'models/{model}:generateContent': () => CONTENTS,
  'models/{model}:streamGenerateContent': () => CONTENTS,
  'models/{model}:countTokens': () => CONTENTS,
  'images/generations': (model) => ({ model, prompt: SAID }),
  'images/edits': (model) => form({ model, prompt: SAID, image: picture() }),
  'audio/speech': (model) => ({ model, input: SAID, voice: 'alloy' }),
  'audio/transcriptions': (model) => form({ model, prompt: SAID, file: sound() }),
  'audio/translations': (model) => form({ model, prompt: SAID, file: sound() }),
  moderations: (model) => ({ model, input: SAID }),
};
/** Their answers, where the fake has none of its own. */
const ANSWERS: Readonly<Record<string, FakeAnswer>> = {
  'images/generations': { body: '{"created":1,"data":[{"b64_json":"AAAA"}]}' },
  'images/edits': { body: '{"created":1,"data":[{"b64_json":"AAAA"}]}' },
  'audio/speech': { body: 'sound' },
  'audio/transcriptions': { body: '{"text":"hello"}' },
  'audio/translations': { body: '{"text":"hello"}' },
  moderations: { body: '{"id":"m","model":"m","results":[]}' },
};
const METERED = ROUTES.flatMap((route) => ('read' in route ? [route.path] : []));

const ask = (it: Site, path: string, model = 'openai') =>
  it.post(path.replace('{model}', model), SAMPLES[path]?.(model) ?? {});

test('every route that asks a model has a sample', () => {
  expect(Object.keys(SAMPLES).sort()).toEqual([...METERED].sort());
});

/** Units as well, so that media are not refused for want of a price. */
const priced = {
  models: Object.fromEntries(
    PROVIDERS.map((provider) => [
      provider,
      { provider, price: { input: 1, output: 2, units: { image: 1, character: 1, input_second: 1 } } },
    ]),
  ),
};

describe.each(METERED)('a hook for requests on %s', (path) => {
  test('sees its text and refuses it: nothing is sent, nothing is charged', async () => {
    const seen: string[] = [];
    const request: Hook['request'] = (context) => {
      seen.push(context.text());
      return context.refuse('not_today', 'Not here.');
    };
    const it = await site([{ name: 'no', request }], priced);
    const answer = await ask(it, path);
    expect(answer.status).toBe(400);
    expect(answer.json().error.message).toBe('Not here.');
    expect(seen).toEqual([SAID]);
    expect(it.upstream.requests).toEqual([]);
    expect((await it.used())?.['cost'] ?? '0').toBe('0');
    // A call of the app's own code is looked at, too.
    const body = SAMPLES[path]?.('openai') ?? {};
    const inside = await it.gateway.fetchFor({ accountId: 'user_2' })(
      `http://gateway/v1/${path.replace('{model}', 'openai')}`,
      body instanceof FormData
        ? { method: 'POST', body }
        : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    );
    expect(inside.status).toBe(400);
    expect(it.upstream.requests).toEqual([]);
  });

  test('changes the text that is sent', async () => {
    const it = await site([{ name: 'upper', request: (c) => c.editText((text) => text.toUpperCase()) }], priced);
    if (ANSWERS[path]) it.upstream.answer(ANSWERS[path]);
    const answer = await ask(it, path, /countTokens|count_tokens/.test(path) ? 'google' : 'openai');
    expect(answer.status).toBe(200);
    const { text } = await it.upstream.received();
    expect(text).toContain(SAID.toUpperCase());
    expect(text).not.toContain(SAID);
  });

  test('that hangs is ended by its limit, and its failure refuses or passes', async () => {
    const hang = () => new Promise<never>(() => {});
    const strict = await site([{ name: 'bad', request: hang, timeoutMs: 5 }], priced);
    expect((await ask(strict, path)).status).toBe(path.startsWith('messages') ? 529 : 503);
    expect(strict.upstream.requests).toEqual([]);
    const lenient = await site([{ name: 'bad', request: hang, timeoutMs: 5, onError: 'pass' }], priced);
    if (ANSWERS[path]) lenient.upstream.answer(ANSWERS[path]);
    expect((await ask(lenient, path)).status).toBe(200);
    expect(loggedErrors()).toEqual(['a hook failed on a request', 'a hook failed on a request']);
  });
});
