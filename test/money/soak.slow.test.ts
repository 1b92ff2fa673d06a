import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'libsql';
import { afterAll, expect, test } from 'vitest';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway, openai } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { assertAccountsBalance } from '../../src/testing/accounting-oracle.js';
import { listen } from '../helpers/listen.js';
import { completionReply } from '../helpers/openai-replies.js';

/** Ten minutes where everything is tested, one elsewhere; `SOAK_SECONDS` says otherwise. */
const SECONDS = Number(process.env['SOAK_SECONDS'] ?? (process.env['CI'] ? 600 : 60));
const ACCOUNTS = ['user_0', 'user_1', 'user_2', 'user_3'];
/** Between two requests of one client: a soak looks for what grows, and leaves the machine to others. */
const PAUSE_MS = 100;
/** The heap varies by 2 MB here; a leak of 3 kB per request comes to more than this in ten minutes. */
const ROOM_MB = 18;

const folder = mkdtempSync(join(tmpdir(), 'soak-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A provider that keeps nothing of what it is asked; a stream has ten pieces and takes a moment. */
async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  let body = '';
  for await (const piece of req) body += String(piece);
  if (!JSON.parse(body).stream) {
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply()));
    return;
  }
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' };
  for (let i = 0; i < 10 && !res.destroyed; i++) {
    const choices = [{ index: 0, delta: { content: `word ${i} ` }, finish_reason: i === 9 ? 'stop' : null }];
    res.write(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`);
    await pause(5);
  }
  res.end(`data: ${JSON.stringify({ ...chunk, choices: [], usage: reply().usage })}\n\ndata: [DONE]\n\n`);
}

function reply() {
  return completionReply().body as { readonly usage: object };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What the heap holds after collection, in MB. */
async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await pause(20);
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}

test(`${SECONDS} seconds of mixed requests leave nothing behind`, { timeout: (SECONDS + 240) * 1_000 }, async () => {
  const provider = await listen((req, res) => void answer(req, res).catch(() => res.destroy()));
  const database = new Database(join(folder, 'gateway.db'));
  const store = sqliteStore(database);
  const failures: unknown[] = [];
  const gateway = createGateway({
    providers: { openai: openai({ apiKey: 'sk-test', baseURL: `${provider.origin}/v1` }) },
    models: { small: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
    plans: { pro: { models: '*', billing: 'prepaid', limits: { requestsPerMinute: 100_000, concurrentRequests: 50 } } },
    defaultPlan: 'pro',
    store,
    requestLog: {},
    logger: { debug() {}, info() {}, warn: (facts) => failures.push(facts), error: (facts) => failures.push(facts) },
  });
  const front = await listen(toNodeHandler(gateway));
  const keys = new Map<string, string>();
  for (const accountId of ACCOUNTS) {
    await gateway.credits.topUp({ accountId, amount: 1_000, idempotencyKey: 'start' });
    keys.set(accountId, (await gateway.keys.create({ accountId, name: 'soak' })).key);
  }

  const made = { whole: 0, streamed: 0, aborted: 0, inProcess: 0, reports: 0 };
  const bodyOf = (stream: boolean) =>
    JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 50, stream });
  const post = (accountId: string, stream: boolean, signal?: AbortSignal) =>
    fetch(`${front.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.get(accountId)}`, 'content-type': 'application/json' },
      body: bodyOf(stream),
      ...(signal && { signal }),
    });
  const turns: readonly ((accountId: string) => Promise<void>)[] = [
    async (accountId) => {
      const whole = await post(accountId, false);
      expect([whole.status, (await whole.text()).includes('usage')]).toEqual([200, true]);
      made.whole += 1;
    },
    async (accountId) => {
      expect(await (await post(accountId, true)).text()).toContain('[DONE]');
      made.streamed += 1;
    },
    async (accountId) => {
      const leaving = new AbortController();
      const reader = (await post(accountId, true, leaving.signal)).body?.getReader();
      await reader?.read();
      leaving.abort();
      await reader?.closed.catch(() => {});
      made.aborted += 1;
    },
    async (accountId) => {
      const inside = gateway.fetchFor({ accountId });
      const answered = await inside('https://gateway/v1/chat/completions', { method: 'POST', body: bodyOf(true) });
      expect(await answered.text()).toContain('[DONE]');
      made.inProcess += 1;
    },
    async (accountId) => {
      await gateway.usage.query({ accountId, groupBy: ['day', 'model', 'key'] });
      await gateway.usage.query({ groupBy: ['account'], top: 10 });
      await gateway.requests.list({ accountId }, { limit: 50 });
      await gateway.accounts.list();
      made.reports += 1;
    },
  ];

  const started = performance.now();
  const passed = () => (performance.now() - started) / 1_000;
  const heaps: number[] = [];
  const clients = ACCOUNTS.map(async (accountId, client) => {
    for (let i = client; passed() < SECONDS; i++) {
      await turns[i % turns.length]?.(accountId);
      await pause(PAUSE_MS);
    }
  });
  const watch = async () => {
    // What is compiled and cached first is no leak: from the first fifth on.
    for (let part = 1; part <= 5; part++) {
      while (passed() < (SECONDS * part) / 5) await pause(200);
      heaps.push(await heap());
    }
  };
  await Promise.all([...clients, watch()]);
  await gateway.close();

  const requests = made.whole + made.streamed + made.aborted + made.inProcess;
  console.log(`${SECONDS} s: ${JSON.stringify(made)}, heap in MB: ${heaps.map((mb) => mb.toFixed(1)).join(', ')}`);
  expect(Math.min(...Object.values(made))).toBeGreaterThan(0);
  expect(failures).toEqual([]);
  expect(Math.min(...heaps.slice(-2)) - (heaps[0] ?? 0)).toBeLessThan(ROOM_MB);
  await assertAccountsBalance(store.meter, ACCOUNTS, { prepaid: true });
  const [total] = await store.meter.usage({ groupBy: [] });
  expect(total?.requests).toBe(requests);
  for (const accountId of ACCOUNTS) expect((await store.meter.audit(accountId)).openHolds).toEqual([]);
  await Promise.all([front.close(), provider.close()]);
  await store.close?.();
  database.close();
});
