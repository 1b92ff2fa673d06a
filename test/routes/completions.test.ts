import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownRecording } from '../helpers/recording-folders.js';
import { problemIn } from '../helpers/route-schemas.js';
import { errorOf, type RoutesGateway, routesGateway } from '../helpers/routes-gateway.js';

let site: RoutesGateway;
beforeAll(async () => {
  site = await routesGateway();
});
afterAll(() => site.close());

const PROMPT = { model: 'gpt', prompt: 'Say hello.', max_tokens: 20 };

describe('POST /completions', () => {
  it('relays a whole answer', async () => {
    const { status, body } = await site.json('completions', PROMPT);
    expect(status).toBe(200);
    expect(problemIn('CreateCompletionResponse', body)).toBe('');
    expect(body.choices).toMatchObject([{ text: 'Hello from openai.', finish_reason: 'stop' }]);
    expect(site.upstream.requests.at(-1)).toMatchObject({
      path: '/v1/completions',
      body: { model: 'gpt-4o-mini', prompt: 'Say hello.', max_tokens: 20 },
    });
  });

  it('serves the openai client, whole and streamed', async () => {
    const answer = await site.client.completions.create(PROMPT);
    expect(answer.choices[0]?.text).toBe('Hello from openai.');
    let text = '';
    for await (const chunk of await site.client.completions.create({ ...PROMPT, stream: true })) {
      text += chunk.choices[0]?.text ?? '';
    }
    expect(text).toBe('Hello from openai.');
  });

  it('sends the limit of 16 tokens that holds where none is set', async () => {
    await site.json('completions', { model: 'vllm', prompt: 'x' });
    expect(site.upstream.requests.at(-1)?.body).toMatchObject({ max_tokens: 16 });
  });

  it('makes the account of a user its own', async () => {
    await site.json('completions', { ...PROMPT, user: 'anna' });
    expect(site.upstream.requests.at(-1)?.body?.['user']).not.toContain('anna');
  });
});

describe('a stream', () => {
  it('asks for the usage always, and sends it only to who asked', async () => {
    const quiet = await site.events('completions', { ...PROMPT, stream: true });
    expect(site.upstream.requests.at(-1)?.body).toMatchObject({ stream_options: { include_usage: true } });
    expect(quiet.every((chunk) => !('usage' in chunk))).toBe(true);

    const asked = await site.events('completions', {
      ...PROMPT,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(asked.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(asked.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 3, total_tokens: 8 } });
  });

  it('ends with [DONE]', async () => {
    const { text } = await site.post('completions', { ...PROMPT, stream: true });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('that is cut ends with an error, and never with [DONE]', async () => {
    site.upstream.answer({ text: ['Hel', 'lo'], endWithoutTerminal: true });
    const { text } = await site.post('completions', { ...PROMPT, stream: true });
    expect(text).not.toContain('[DONE]');
    expect(text).toContain('"error":{');
  });
});

describe('the charge', () => {
  it('is for the reported tokens, whole or streamed, and by a bound that says so where none were reported', async () => {
    const own = await routesGateway();
    await own.gateway.accounts.setPlan('user_1', 'prepaid');
    await own.gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'a' });
    own.upstream.answer({ usage: { input: 5, output: 10 } }, { usage: { input: 5, output: 10 } });
    await own.json('completions', PROMPT);
    await own.events('completions', { ...PROMPT, stream: true });
    expect((await own.gateway.accounts.get('user_1')).balance).toBe('0.99995');
    own.upstream.answer({ body: JSON.stringify({ choices: [{ text: 'x'.repeat(40) }] }) });
    const { body } = await own.json('completions', PROMPT);
    expect(problemIn('CreateCompletionResponse', { id: 'x', created: 1, model: 'x', ...body })).toBe('');
    // a token for each byte of the prompt, some marks around it, and of the answer's letters as many as were allowed
    const { usage } = (await own.gateway.usage.events({ accountId: 'user_1' }))[0] ?? {};
    expect(usage).toMatchObject({ inputTokens: PROMPT.prompt.length + 4, outputTokens: 20, source: 'estimated' });
    expect((await own.gateway.accounts.get('user_1')).held).toBe('0');
    await own.close();
  });

  it('is held for every answer that is written, the ones that best_of drops included', async () => {
    const own = await routesGateway();
    await own.gateway.accounts.setPlan('user_1', 'prepaid');
    // a request for one answer of 100 tokens costs up to 0.0002; ten prompts times five answers fifty times that
    await own.gateway.credits.topUp({ accountId: 'user_1', amount: '0.005', idempotencyKey: 'a' });
    const request = { model: 'gpt', prompt: Array.from({ length: 10 }, () => 'x'), max_tokens: 100, best_of: 5 };
    const refused = await own.json('completions', request);
    expect(errorOf(refused)).toMatchObject({ code: 'insufficient_balance' });
    expect((await own.json('completions', { ...request, best_of: 1 })).status).toBe(200);
    await own.close();
  });
});

describe('what is refused', () => {
  it.each([
    [{ prompt: 'x' }, 'missing_required_parameter', 'model'],
    [{ model: 'gpt' }, 'missing_required_parameter', 'prompt'],
    [{ model: 'gpt', prompt: 7 }, 'invalid_type', 'prompt'],
    [{ model: 'gpt', prompt: ['a', 7] }, 'invalid_type', 'prompt[1]'],
    [{ ...PROMPT, max_tokens: -1 }, 'invalid_value', 'max_tokens'],
    [{ ...PROMPT, n: 3, best_of: 2 }, 'invalid_value', 'best_of'],
    [{ ...PROMPT, stream: 'yes' }, 'invalid_type', 'stream'],
    [
      { ...PROMPT, provider_options: { openai: { best_of: 20 } } },
      'unsupported_parameter',
      'provider_options.openai.best_of',
    ],
    [{ ...PROMPT, model: 'claude' }, 'unsupported_value', 'model'],
    [{ ...PROMPT, model: 'gemini' }, 'unsupported_value', 'model'],
    [{ ...PROMPT, model: 'groq' }, 'unsupported_value', 'model'],
  ])('%j', async (request, code, param) => {
    const asked = site.upstream.requests.length;
    expect(errorOf(await site.json('completions', request))).toMatchObject({ code, param });
    expect(site.upstream.requests).toHaveLength(asked);
  });

  it('with the names of model and route', async () => {
    const { message } = errorOf(await site.json('completions', { ...PROMPT, model: 'claude' }));
    expect(message).toContain("'claude'");
    expect(message).toContain('completions');
  });
});

describe('recorded answers', () => {
  it('are relayed byte for byte', async () => {
    const text = ownRecording('openai/completion.json');
    site.upstream.answer({ body: text });
    expect((await site.post('completions', PROMPT)).text).toBe(text);
  });

  it('are streamed with the same text', async () => {
    const lines = ownRecording('openai/completion.chunks.txt').trim().split('\n');
    site.upstream.answer({ body: [...lines.map((line) => `data: ${line}\n\n`), 'data: [DONE]\n\n'] });
    const chunks = await site.events('completions', {
      ...PROMPT,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(chunks).toEqual(lines.map((line) => JSON.parse(line)));
  });
});
