import { createHook } from 'node:async_hooks';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { anthropic, google, openai, type ProviderAdapter } from '../../src/index.js';
import { testGateway } from '../helpers/test-gateway.js';

/** Batches before the count begins, and batches that are counted. */
const WARM_UP = 20;
const COUNTED = 50;
/** The most promises that one batch of a stream may make, from the provider's socket to the client's; it is twelve. */
const MOST = 14;

const openaiEvent = (text: string, finish: string | null) => {
  const choices = [{ index: 0, delta: { content: text }, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`;
};
const claudeEvent = (event: { type: string }) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const usage = { input_tokens: 1, output_tokens: 1 };

/** What each provider streams: a head, deltas, an end. */
const FORMATS: Readonly<Record<string, { head: string; delta: string; end: string }>> = {
  openai: {
    head: openaiEvent('', null),
    delta: openaiEvent('word ', null),
    end: `${openaiEvent('', 'stop')}data: [DONE]\n\n`,
  },
  anthropic: {
    head:
      claudeEvent({
        type: 'message_start',
        message: { id: 'm', role: 'assistant', content: [], model: 'c', usage },
      } as never) +
      claudeEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never),
    delta: claudeEvent({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'word ' },
    } as never),
    end:
      claudeEvent({ type: 'content_block_stop', index: 0 } as never) +
      claudeEvent({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage } as never) +
      claudeEvent({ type: 'message_stop' }),
  },
  google: {
    head: googleEvent('first'),
    delta: googleEvent('word '),
    end: googleEvent('last', 'STOP'),
  },
};

function googleEvent(text: string, finishReason?: string): string {
  const candidate = { content: { role: 'model', parts: [{ text }] }, index: 0, ...(finishReason && { finishReason }) };
  return `data: ${JSON.stringify({ candidates: [candidate], modelVersion: 'm', responseId: 'r' })}\n\n`;
}

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** A provider that sends a piece whenever it is told to. Callbacks alone: nothing here makes a promise. */
async function provider(): Promise<{ url: string; next: (text: string, end?: boolean) => void; begun: Promise<void> }> {
  let response: ServerResponse | undefined;
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const server = createServer((req, res) => {
    req.resume().on('end', () => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      response = res;
      begin();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, begun, next: (text, end) => void (end ? response?.end(text) : response?.write(text)) };
}

const ADAPTERS: Readonly<Record<string, (baseURL: string) => ProviderAdapter>> = {
  openai: (baseURL) => openai({ apiKey: 'k', baseURL }),
  anthropic: (baseURL) => anthropic({ apiKey: 'k', baseURL }),
  google: (baseURL) => google({ apiKey: 'k', baseURL }),
};

test.each(Object.keys(ADAPTERS))(`a batch of a stream from %s makes at most ${MOST} promises`, async (dialect) => {
  const { url, begun, next } = await provider();
  const adapter = ADAPTERS[dialect] as (baseURL: string) => ProviderAdapter;
  const { head, delta, end } = FORMATS[dialect] as (typeof FORMATS)[string];
  const site = await testGateway({
    providers: { p: adapter(url) },
    models: { model: { provider: 'p', price: { input: 1, output: 1 } } },
  });
  closing.push(() => site.close());

  let promises = 0;
  const counter = createHook({
    init(_id, type) {
      if (type === 'PROMISE') promises += 1;
    },
  });
  const perBatch: number[] = [];
  let batches = 0;
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const headers = { authorization: `Bearer ${site.key}`, 'content-type': 'application/json' };
    const asked = request(`${site.url}/chat/completions`, { method: 'POST', headers }, (answer) => {
      answer.setEncoding('utf8');
      // Each piece is asked for when the one before it has arrived: one piece is one batch.
      answer.on('data', (piece: string) => {
        received += piece;
        batches += 1;
        if (batches > WARM_UP) perBatch.push(promises);
        promises = 0;
        if (batches === WARM_UP) counter.enable();
        if (batches < WARM_UP + COUNTED) next(delta);
        else if (batches === WARM_UP + COUNTED) {
          counter.disable();
          next(end, true);
        }
      });
      answer.on('end', () => resolve(received)).on('error', reject);
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ model: 'model', stream: true, messages: [{ role: 'user', content: 'Hello' }] }));
    void begun.then(() => next(head));
  });
  expect(text).toContain('[DONE]');
  const median = perBatch.sort((a, b) => a - b)[COUNTED / 2] ?? Number.NaN;
  expect(median).toBeGreaterThan(0);
  expect(median).toBeLessThanOrEqual(MOST);
});
