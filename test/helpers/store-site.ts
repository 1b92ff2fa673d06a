import { type Logger, openai } from '../../src/index.js';
import type { FullStore } from '../../src/stores/store.js';
import { fakeUpstream } from '../../src/testing/index.js';
import { testGateway } from './test-gateway.js';

/** A gateway over a store, whose provider runs `during` before it answers; and what its log says. */
export async function siteOf(store: FullStore, accountId = 'user_1') {
  let during = () => {};
  const lines: string[] = [];
  const note = (fields: unknown, message?: unknown) => lines.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug() {}, info() {}, warn: note, error: note };
  const upstream = await fakeUpstream({
    answer() {
      during();
      return { text: 'Hello' };
    },
  });
  const site = await testGateway(
    {
      providers: { openai: openai(upstream.openai) },
      models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
      plans: { pro: { models: '*', billing: 'prepaid' } },
      store,
      logger,
    },
    { balance: '100', accountId },
  );
  return {
    ...site,
    lines,
    whileAnswering: (work: () => void) => {
      during = work;
    },
    async ask() {
      const answer = await site.post(
        'v1/chat/completions',
        { model: 'fast', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 10 },
        { authorization: `Bearer ${site.key}` },
      );
      return { status: answer.status, text: await answer.text(), retryAfter: answer.headers.get('retry-after') };
    },
    /** Closes the gateway, which charges what waits in its outbox; and its server. */
    async end() {
      await site.gateway.close({ deadlineMs: 60_000 });
      await site.close();
      await upstream.close();
    },
  };
}
