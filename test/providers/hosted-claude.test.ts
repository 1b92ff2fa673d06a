import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type Gateway, type ProviderAdapter } from '../../src/index.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { vertex } from '../../src/providers/vertex/index.js';
import { testLogger } from '../helpers/test-logger.js';
import { type BedrockServer, bedrockServer, CREDENTIALS, exceptionAnswer, REGION } from './bedrock/bedrock-server.js';
import { LOCATION, PROJECT, TOKEN, type VertexServer, vertexServer } from './vertex/vertex-server.js';

let onBedrock: BedrockServer;
let onVertex: VertexServer;
beforeAll(async () => {
  [onBedrock, onVertex] = await Promise.all([bedrockServer(), vertexServer()]);
});
afterAll(() => Promise.all([onBedrock.close(), onVertex.close()]));

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const server of [onBedrock, onVertex]) {
    server.next = undefined;
    server.requests.length = 0;
  }
  for (const gateway of gateways.splice(0)) await gateway.close();
});

const HOSTS = {
  bedrock: {
    model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    adapter: (more: object = {}): ProviderAdapter =>
      bedrock({ region: REGION, baseURL: onBedrock.origin, credentials: CREDENTIALS, ...more }),
    last: () => onBedrock.requests.at(-1),
    version: 'bedrock-2023-05-31',
    url: /^\/model\/eu\.anthropic\.claude-sonnet-4-5-20250929-v1%3A0\/(invoke|invoke-with-response-stream)$/,
    verbs: ['invoke', 'invoke-with-response-stream'],
    count: '/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens',
  },
  vertex: {
    model: 'claude-sonnet-4-5@20250929',
    adapter: (more: object = {}): ProviderAdapter =>
      vertex({ project: PROJECT, location: LOCATION, baseURL: onVertex.origin, token: TOKEN, ...more }),
    last: () => onVertex.requests.at(-1),
    version: 'vertex-2023-10-16',
    url: /models\/claude-sonnet-4-5@20250929:(rawPredict|streamRawPredict)$/,
    verbs: ['rawPredict', 'streamRawPredict'],
    count: `/v1/projects/${PROJECT}/locations/${LOCATION}/publishers/anthropic/models/count-tokens:rawPredict`,
  },
} as const;
type Host = keyof typeof HOSTS;

async function siteOf(host: Host, options: object = {}) {
  const { adapter, model } = HOSTS[host];
  const price = { input: 1, cachedInput: 0.5, cacheWrite: 1, output: 2 };
  const gateway = createGateway({
    providers: { cloud: adapter(options) },
    models: { claude: { targets: [{ provider: 'cloud', model }], price } },
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  gateways.push(gateway);
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const fetch: typeof globalThis.fetch = (input, init) => gateway.fetch(new Request(input, init));
  const post = (route: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`http://gateway/v1/${route}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      body,
    });
  return { gateway, post, client: new Anthropic({ apiKey: key, baseURL: 'http://gateway', fetch, maxRetries: 0 }) };
}

const QUESTION = { model: 'claude', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
/** As an agent writes it: odd spaces, escapes and order of fields included. */
const AGENT_BODY = `{"system":[ {"type":"text","text":"You are \\u00fc careful \\/.","cache_control":{"type":"ephemeral","ttl":"1h"}} ],"tools":[{"name":"look","description":"Looks.","input_schema":{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"number"}}}}],"messages":[{"content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}],  "role":"user"}],"max_tokens":1024,"model":"claude","temperature":0.50}`;

describe.each(['bedrock', 'vertex'] as const)('Claude on %s, asked by POST /messages', (host) => {
  const { last, version, url, verbs, count } = HOSTS[host];

  test('whole and streamed, with exact usage', async () => {
    const { client, gateway } = await siteOf(host);
    const message = await client.messages.create(QUESTION);
    expect(message).toMatchObject({ content: [{ type: 'text', text: 'Hi.' }], stop_reason: 'end_turn' });
    expect(url.exec(String(last()?.url))?.[1]).toBe(verbs[0]);
    const streamed = await client.messages.stream(QUESTION).finalMessage();
    expect(streamed).toMatchObject({ content: [{ text: 'Hi.' }], usage: { input_tokens: 9, output_tokens: 2 } });
    expect(url.exec(String(last()?.url))?.[1]).toBe(verbs[1]);
    const [row] = await gateway.usage.query({ accountId: 'user_1' });
    expect(row).toMatchObject({ requests: 2, inputTokens: 24, cachedInputTokens: 6, outputTokens: 4 });
  });

  test('the very bytes of the client are sent, but for model and version', async () => {
    const { post } = await siteOf(host);
    expect((await post('messages', AGENT_BODY)).status).toBe(200);
    const expected = AGENT_BODY.replace('"model":"claude",', '').replace(/\}$/, `,"anthropic_version":"${version}"}`);
    expect(last()?.text).toBe(expected);
  });

  test("a stream has the events of Anthropic's own API and no others", async () => {
    const { post } = await siteOf(host);
    const text = await (await post('messages', JSON.stringify({ ...QUESTION, stream: true }))).text();
    const names = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name).filter((name) => name !== 'ping');
    expect(names).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(text).not.toMatch(/vertex_event|amazon-bedrock/);
  });

  test('betas that the cloud knows are passed on, by its names; of others it would refuse the request', async () => {
    const { client } = await siteOf(host, { allowedBetas: ['context-1m-2025-08-07'] });
    const betas = [
      'claude-code-20250219',
      'interleaved-thinking-2025-05-14',
      'prompt-caching-scope-2026-01-05',
      'context-1m-2025-08-07',
      'advanced-tool-use-2025-11-20',
      'files-api-2025-04-14',
    ];
    await client.beta.messages.create({ ...QUESTION, betas });
    const kept = ['interleaved-thinking-2025-05-14', 'context-1m-2025-08-07', 'tool-search-tool-2025-10-19'];
    if (host === 'vertex') {
      expect(last()?.headers['anthropic-beta']).toBe(kept.join(','));
      expect(last()?.body).not.toHaveProperty('anthropic_beta');
    } else {
      expect(last()?.body).toMatchObject({ anthropic_beta: kept });
      expect(last()?.headers).not.toHaveProperty('anthropic-beta');
    }
  });

  test("what only Anthropic's own platform has is left out or said in the cloud's way", async () => {
    const { post } = await siteOf(host);
    const mark = { type: 'ephemeral', ttl: '1h', scope: 'global' };
    const body = {
      ...QUESTION,
      system: [{ type: 'text', text: 'Be brief.', cache_control: mark }],
      tools: [{ name: 'look', input_schema: { type: 'object', properties: { scope: { type: 'string' } } } }],
      cache_control: { type: 'ephemeral', ttl: '1h' },
      service_tier: 'standard_only',
      diagnostics: { previous_message_id: null },
      output_format: { type: 'json_schema', schema: { type: 'object', properties: {}, additionalProperties: false } },
      anthropic_version: 'foreign',
    };
    const answer = await post('messages', JSON.stringify(body));
    expect(answer.status).toBe(200);
    expect(last()?.body).toEqual({
      anthropic_version: version,
      max_tokens: 100,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      tools: body.tools,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      ],
      output_config: { format: body.output_format },
    });
    expect(answer.headers.get('x-gateway-dropped-params')?.split(', ')).toEqual(
      expect.arrayContaining(['service_tier', 'diagnostics']),
    );
  });

  test('a breakpoint for the whole request stands at its last block, also where chat asks for it', async () => {
    const { post } = await siteOf(host);
    const mark = { type: 'ephemeral' };
    const body = { model: 'claude', messages: [{ role: 'user', content: 'Hi' }], cache_control: mark };
    expect((await post('chat/completions', JSON.stringify(body))).status).toBe(200);
    expect(last()?.body).toMatchObject({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: mark }] }],
    });
  });

  test("tokens are counted by the cloud's own counter", async () => {
    const { client, post } = await siteOf(host);
    expect(await client.messages.countTokens(QUESTION)).toEqual({ input_tokens: 42 });
    expect(last()?.url).toBe(count);
    const gemini = await post('models/claude:countTokens', '{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}');
    expect(await gemini.json()).toMatchObject({ totalTokens: 42 });
  });

  test('where it has no counter, or gives no permission, the gateway estimates', async () => {
    const { client } = await siteOf(host);
    const missing = { error: { code: 404, message: 'Not found', status: 'NOT_FOUND' } };
    for (const status of [403, 404]) {
      if (host === 'vertex') onVertex.next = { status, body: missing };
      else onBedrock.next = exceptionAnswer(status, 'AccessDeniedException', 'not authorized: bedrock:CountTokens');
      const { input_tokens } = await client.messages.countTokens(QUESTION);
      expect(input_tokens).toBeGreaterThan(0);
      expect(input_tokens).not.toBe(42);
    }
    // The target is as good as before.
    expect((await client.messages.create(QUESTION)).stop_reason).toBe('end_turn');
  });

  test("errors are in Anthropic's format", async () => {
    const { post } = await siteOf(host);
    const wrong = { ...QUESTION, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', odd: 1 }] }] };
    const answer = await post('messages', JSON.stringify(wrong));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });
});

describe('models of other makers on the same clouds', () => {
  test('are asked by chat, and answer POST /messages all the same', async () => {
    const price = { input: 1, output: 2 };
    const gateway = createGateway({
      providers: { bedrock: HOSTS.bedrock.adapter(), vertex: HOSTS.vertex.adapter() },
      models: {
        nova: { targets: [{ provider: 'bedrock', model: 'amazon.nova-pro-v1:0' }], price },
        gemini: { targets: [{ provider: 'vertex', model: 'gemini-2.5-pro' }], price },
      },
      plans: { free: { models: '*' } },
    });
    gateways.push(gateway);
    const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
    const fetch: typeof globalThis.fetch = (input, init) => gateway.fetch(new Request(input, init));
    const client = new Anthropic({ apiKey: key, baseURL: 'http://gateway', fetch, maxRetries: 0 });
    expect((await client.messages.create({ ...QUESTION, model: 'gemini' })).content).toMatchObject([{ text: 'Hi.' }]);
    const nova = await client.messages.create({ ...QUESTION, model: 'nova' });
    expect(nova.content).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'tool_use' })]));
    expect(HOSTS.bedrock.last()?.url).toMatch(/\/converse$/);
    const { input_tokens } = await client.messages.countTokens({ ...QUESTION, model: 'nova' });
    expect(input_tokens).toBeGreaterThan(0);
  });
});
