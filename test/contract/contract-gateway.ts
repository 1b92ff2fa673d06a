import express from 'express';
import type OpenAI from 'openai';
import { toExpressHandler } from '../../src/http/express.js';
import { anthropic, type Gateway, type GatewayOptions, google, openai } from '../../src/index.js';
import { type ReplayServer, startReplayServer } from '../helpers/replay-server.js';
import { testGateway } from '../helpers/test-gateway.js';

/** Everything that the gateway's logger got, as one text. */
export interface LogBook {
  text: string;
}

/** A gateway on Express 5 in front of one provider that plays answers in three wire formats. */
export interface ContractGateway {
  readonly gateway: Gateway;
  readonly upstream: ReplayServer;
  /** With `/v1`. */
  readonly url: string;
  readonly log: LogBook;
  /** Milliseconds; the gateway's clock. */
  readonly clock: { now: number };
  client(key: string): OpenAI;
  newKey(accountId: string, options?: object): Promise<string>;
  post(key: string | undefined, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export const PROVIDER_SECRET = 'sk-provider-secret-do-not-leak';
/** 2026-11-21T12:00:00Z. */
export const NOON = Date.UTC(2026, 10, 21, 12);
export const HELLO = { model: 'gpt-small', messages: [{ role: 'user' as const, content: 'Hello!' }] };

export async function startContractGateway(options: Partial<GatewayOptions> = {}): Promise<ContractGateway> {
  const upstream = await startReplayServer();
  const log: LogBook = { text: '' };
  const clock = { now: NOON };
  const note = (fields: object, message: string) => {
    log.text += `${message} ${JSON.stringify(fields)}\n`;
  };
  const { gateway, url, client, post, close } = await testGateway(
    {
      providers: {
        openai: openai({ apiKey: PROVIDER_SECRET, baseURL: `${upstream.url}/v1` }),
        anthropic: anthropic({ apiKey: PROVIDER_SECRET, baseURL: upstream.url }),
        google: google({ apiKey: PROVIDER_SECRET, baseURL: upstream.url }),
      },
      models: {
        'gpt-small': { provider: 'openai', price: { input: 1, output: 2 }, created: 1_721_172_741, ownedBy: 'openai' },
        'claude-small': { provider: 'anthropic', price: { input: 1, output: 2 } },
        'gemini/small': { provider: 'google', model: 'gemini-2.5-flash', price: { input: 1, output: 2 } },
      },
      plans: {
        all: { models: '*' },
        narrow: { models: ['gpt-small'] },
        limited: { models: '*', limits: { requestsPerMinute: 2, tokensPerMinute: 40_000, concurrentRequests: 2 } },
        prepaid: { models: '*', billing: 'prepaid' },
      },
      defaultPlan: 'all',
      logger: { debug: note, info: note, warn: note, error: note },
      now: () => clock.now,
      ...options,
    },
    { serve: (served) => express().use('/v1', toExpressHandler(served)) },
  );
  return {
    gateway,
    upstream,
    url,
    log,
    clock,
    client,
    newKey: async (accountId, more = {}) => (await gateway.keys.create({ accountId, name: 'test', ...more })).key,
    post: (key, body, headers = {}) =>
      post('v1/chat/completions', body, { ...(key && { authorization: `Bearer ${key}` }), ...headers }),
    async close() {
      await close();
      await upstream.close();
    },
  };
}

/** An answer of OpenAI's that used 10 input and 20 output tokens: 50,000 nano-USD at the test prices. */
export const OPENAI_ANSWER = {
  body: JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-small',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hi.', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
  }),
};

export const ANTHROPIC_ANSWER = {
  body: JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-small',
    content: [{ type: 'text', text: 'Hi.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 20 },
  }),
};

export const GEMINI_ANSWER = {
  body: JSON.stringify({
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hi.' }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 30 },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'r1',
  }),
};

const events = (...lines: string[]) => ({
  headers: { 'content-type': 'text/event-stream' },
  body: lines.map((line) => `data: ${line}\n\n`).join(''),
});

const chunk = (delta: object, finish: string | null) =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-small',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });

export const OPENAI_STREAM = events(
  chunk({ role: 'assistant', content: '', refusal: null }, null),
  chunk({ content: 'Hi' }, null),
  chunk({ content: '.' }, null),
  chunk({}, 'stop'),
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-small',
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
  }),
  '[DONE]',
);

export const ANTHROPIC_STREAM = events(
  JSON.stringify({
    type: 'message_start',
    message: { ...JSON.parse(ANTHROPIC_ANSWER.body), content: [], stop_reason: null },
  }),
  JSON.stringify({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi.' } }),
  JSON.stringify({ type: 'content_block_stop', index: 0 }),
  JSON.stringify({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 20 },
  }),
  JSON.stringify({ type: 'message_stop' }),
);

export const GEMINI_STREAM = events(GEMINI_ANSWER.body);
