import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownRecording } from '../helpers/recording-folders.js';
import { problemIn } from '../helpers/route-schemas.js';
import { errorOf, type RoutesGateway, routesGateway } from '../helpers/routes-gateway.js';

let site: RoutesGateway;
beforeAll(async () => {
  site = await routesGateway();
});
afterAll(() => site.close());

const vectorsOf = (body: Record<string, unknown>) =>
  (body.data as { embedding: number[] | string }[]).map(({ embedding }) => embedding);

describe.each(['gpt', 'gemini', 'vllm'])('POST /embeddings with %s', (model) => {
  it('answers a text with one vector, and says what it cost', async () => {
    const { status, body, headers } = await site.json('embeddings', { model, input: 'The cat sat.' });
    expect(status).toBe(200);
    expect(problemIn('CreateEmbeddingResponse', body)).toBe('');
    expect(vectorsOf(body)).toHaveLength(1);
    expect(headers.get('x-gateway-attempts')).toBe('1');
  });

  it('answers texts in their order', async () => {
    const { body } = await site.json('embeddings', { model, input: ['one', 'two', 'three'] });
    const [one] = vectorsOf((await site.json('embeddings', { model, input: 'one' })).body);
    expect(vectorsOf(body)).toHaveLength(3);
    expect(vectorsOf(body)[0]).toEqual(one);
    expect(vectorsOf(body)[1]).not.toEqual(one);
  });

  it('sends base64 of little-endian floats where that is asked for', async () => {
    const [floats] = vectorsOf((await site.json('embeddings', { model, input: 'x' })).body) as [number[]];
    const { body } = await site.json('embeddings', { model, input: 'x', encoding_format: 'base64' });
    const [text] = vectorsOf(body) as [string];
    const bytes = Buffer.from(text, 'base64');
    expect(Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))).toEqual(
      floats.map(Math.fround),
    );
  });

  it('asks for fewer dimensions', async () => {
    const { body } = await site.json('embeddings', { model, input: 'x', dimensions: 5 });
    const [vector] = vectorsOf(body) as [number[]];
    expect(vector).toHaveLength(5);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('serves the openai client, which asks for base64 by itself', async () => {
    const { data, usage } = await site.client.embeddings.create({ model, input: ['a', 'b'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    expect(usage.prompt_tokens).toBeGreaterThan(0);
  });
});

describe('tokens in place of text', () => {
  it('go to OpenAI as they are', async () => {
    const { status } = await site.json('embeddings', { model: 'gpt', input: [[1, 2], [3]] });
    expect(status).toBe(200);
    expect(site.upstream.requests.at(-1)?.body).toMatchObject({ model: 'gpt-4o-mini', input: [[1, 2], [3]] });
  });

  it('are refused where the provider takes text only', async () => {
    const one = await site.json('embeddings', { model: 'gemini', input: [1, 2] });
    expect(errorOf(one)).toMatchObject({ code: 'unsupported_value', param: 'input' });
    const several = await site.json('embeddings', { model: 'gemini', input: [[1], [2]] });
    expect(errorOf(several)).toMatchObject({ code: 'unsupported_value', param: 'input[0]' });
  });
});

describe('what becomes of a request at Google', () => {
  it('is one request per text, with the native options', async () => {
    await site.json('embeddings', {
      model: 'gemini',
      input: ['a', 'b'],
      dimensions: 3,
      provider_options: { google: { taskType: 'RETRIEVAL_QUERY', model: 'models/dear' } },
    });
    const { path, body } = site.upstream.requests.at(-1) ?? {};
    expect(path).toBe('/v1beta/models/gemini-2.5-flash:batchEmbedContents');
    expect(body).toEqual({
      requests: ['a', 'b'].map((text) => ({
        taskType: 'RETRIEVAL_QUERY',
        model: 'models/gemini-2.5-flash',
        content: { parts: [{ text }] },
        outputDimensionality: 3,
      })),
    });
  });

  it('has few native options, because each of the requests carries them', async () => {
    const provider_options = { google: { title: 'a'.repeat(2_000) } };
    const answer = await site.json('embeddings', { model: 'gemini', input: ['a', 'b'], provider_options });
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_value', param: 'provider_options.google' });
  });

  it('names what it left out', async () => {
    const { headers } = await site.json('embeddings', { model: 'gemini', input: 'a', input_type: 'query' });
    expect(headers.get('x-gateway-dropped-params')).toBe('input_type');
  });
});

describe('the charge', () => {
  it('is for input tokens alone: the ones reported, else the most that the texts can have', async () => {
    const own = await routesGateway();
    await own.gateway.accounts.setPlan('user_1', 'prepaid');
    await own.gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'a' });
    own.upstream.answer({ usage: { input: 250 } });
    await own.json('embeddings', { model: 'gpt', input: 'x'.repeat(400) });
    const { body } = await own.json('embeddings', { model: 'gemini', input: 'x'.repeat(400) });
    // A token for each letter, and what a model may set around a text.
    expect(body.usage).toEqual({ prompt_tokens: 404, total_tokens: 404 });
    const { balance, held } = await own.gateway.accounts.get('user_1');
    expect(balance).toBe('0.999346');
    expect(held).toBe('0');
    const data = await own.gateway.usage.events({ accountId: 'user_1' });
    expect(data.map(({ model, usage }) => [model, usage.source]).sort()).toEqual([
      ['gemini', 'estimated'],
      ['gpt', 'provider'],
    ]);
    await own.close();
  });

  it('is nothing when the balance does not cover the texts', async () => {
    const own = await routesGateway();
    await own.gateway.accounts.setPlan('user_1', 'prepaid');
    const { status, body } = await own.json('embeddings', { model: 'gpt', input: 'hello' });
    expect(status).toBe(403);
    expect(errorOf({ body })).toMatchObject({ code: 'insufficient_balance' });
    expect(own.upstream.requests).toHaveLength(0);
    await own.close();
  });
});

describe('what is refused', () => {
  it.each([
    [{ input: 'x' }, 'missing_required_parameter', 'model'],
    [{ model: 'gpt' }, 'missing_required_parameter', 'input'],
    [{ model: 'gpt', input: '' }, 'invalid_value', 'input'],
    [{ model: 'gpt', input: [] }, 'empty_array', 'input'],
    [{ model: 'gpt', input: ['a', ''] }, 'invalid_value', 'input[1]'],
    [{ model: 'gpt', input: ['a', 1] }, 'invalid_type', 'input[1]'],
    [{ model: 'gpt', input: [1, 'a'] }, 'invalid_type', 'input[1]'],
    [{ model: 'gpt', input: [[1], [1.5]] }, 'invalid_type', 'input[1][0]'],
    [{ model: 'gpt', input: { text: 'a' } }, 'invalid_type', 'input'],
    [{ model: 'gpt', input: 'a', encoding_format: 'int8' }, 'invalid_value', 'encoding_format'],
    [{ model: 'gpt', input: 'a', dimensions: 0 }, 'invalid_value', 'dimensions'],
    [{ model: 'claude', input: 'a' }, 'unsupported_value', 'model'],
    [{ model: 'groq', input: 'a' }, 'unsupported_value', 'model'],
    [{ model: 'none', input: 'a' }, 'model_not_found', 'model'],
  ])('%j', async (request, code, param) => {
    const asked = site.upstream.requests.length;
    const answer = await site.json('embeddings', request);
    expect(errorOf(answer)).toMatchObject({ code, param });
    expect(site.upstream.requests).toHaveLength(asked);
  });

  it('names model and route when no target has it, and takes the target that has it', async () => {
    const refused = await site.json('embeddings', { model: 'claude', input: 'a' });
    expect(errorOf(refused).message).toContain("'claude'");
    expect(errorOf(refused).message).toContain('embeddings');
    const { headers } = await site.json('embeddings', { model: 'both', input: 'a' });
    expect(headers.get('x-gateway-provider')).toBe('openai');
  });
});

describe('a provider that strays', () => {
  it.each([
    ['numbers in place of base64', { object: 'list', data: [{ embedding: [1, 2] }] }, 'AACAPwAAAEA='],
    ['base64 already', { data: [{ object: 'embedding', index: 0, embedding: 'AACAPwAAAEA=' }] }, 'AACAPwAAAEA='],
  ])('is put in order: %s', async (_, played, expected) => {
    site.upstream.answer({ body: JSON.stringify(played) });
    const { body } = await site.json('embeddings', { model: 'vllm', input: 'x', encoding_format: 'base64' });
    expect(vectorsOf(body)).toEqual([expected]);
    expect(body).toMatchObject({ object: 'list', model: 'qwen', usage: { prompt_tokens: 1, total_tokens: 1 } });
  });

  it.each([
    ['too few vectors', { data: [] }],
    ['no numbers', { data: [{ embedding: ['a'] }] }],
    ['no answer at all', {}],
  ])('fails with 502: %s', async (_, played) => {
    site.upstream.answer({ body: JSON.stringify(played) });
    const { status } = await site.json('embeddings', { model: 'vllm', input: 'x' });
    expect(status).toBe(502);
  });
});

describe('recorded answers', () => {
  const { interactions } = JSON.parse(ownRecording('openai/embeddings.cassette.json')) as {
    interactions: [Embedded, Embedded, Embedded];
  };
  const [numbers, base64, unknownModel] = interactions;

  it.for([
    ['numbers', numbers],
    ['base64', base64],
  ] as const)('%s are relayed byte for byte', async ([, recorded]) => {
    const text = JSON.stringify(recorded.response.body, undefined, 2);
    site.upstream.answer({ body: text });
    const answer = await site.post('embeddings', { ...recorded.request.body, model: 'gpt' });
    expect(answer.text).toBe(text);
    expect(site.upstream.requests.at(-1)?.body).toEqual({ ...recorded.request.body, model: 'gpt-4o-mini' });
  });

  it('an unknown model stays a 404', async () => {
    site.upstream.answer({ status: 404, body: JSON.stringify(unknownModel.response.body) });
    const answer = await site.json('embeddings', { model: 'gpt', input: 'x' });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toMatchObject({ code: 'model_not_found' });
  });
});

interface Embedded {
  request: { body: object };
  response: { status: number; body: object };
}
