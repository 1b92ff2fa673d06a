import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createGateway, type GatewayOptions, memoryStore, type ProviderAdapter } from '../../src/index.js';
import { assertAccountsBalance, testClock } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { testLogger } from '../helpers/test-logger.js';

/** The plans that docs/money.md works out: its blocks of options are run, and its tables are what must come of them. */

const HOUR = 3_600_000;
const UNITS = { hours: HOUR, days: 24 * HOUR };

const NO_TOKENS = { cachedInputTokens: 0, cacheWriteTokens: 0, cacheWrite1hTokens: 0, reasoningTokens: 0 };

interface Example {
  readonly name: string;
  readonly options: Pick<GatewayOptions, 'plans' | 'budgets' | 'thresholds'>;
  /** The rows of the table: what happens, the answer, what it was paid from, what is available after it. */
  readonly rows: readonly (readonly string[])[];
}

function readExamples(): Example[] {
  const page = readFileSync(new URL('../../docs/money.md', import.meta.url), 'utf8');
  const section = /^## Five plans, worked out\n(.*?)^## /ms.exec(page)?.[1] ?? '';
  return section
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const block = /```ts\nconst \w+ = (.*?)```/s.exec(text)?.[1] ?? '';
      const rows = text.split('\n').filter((line) => line.startsWith('| '));
      return {
        name: text.slice(0, text.indexOf('\n')),
        options: new Function(`return ${block}`)() as Example['options'],
        rows: rows.slice(1).map((row) =>
          row
            .slice(2, -1)
            .split('|')
            .map((cell) => cell.trim()),
        ),
      };
    });
}

/** An account of a gateway with these options, whose model costs one dollar for each token that it writes. */
function openAccount(options: Example['options']) {
  let written = 0;
  const echo = echoProvider();
  const provider: ProviderAdapter = {
    ...echo,
    async chat(call) {
      const { completion } = await echo.chat(call);
      const counts = { ...NO_TOKENS, inputTokens: 1, outputTokens: written };
      return { completion, usage: { ...counts, source: 'provider' } };
    },
  };
  const clock = testClock(Date.UTC(2027, 0, 10, 9));
  const store = memoryStore({ now: clock.now });
  const [defaultPlan = ''] = Object.keys(options.plans);
  const gateway = createGateway({
    ...options,
    providers: { echo: provider },
    models: { small: { provider: 'echo', price: { input: 0, output: 1_000_000 } } },
    defaultPlan,
    store,
    now: clock.now,
    logger: testLogger,
  });
  const account = { accountId: 'account' };
  let credits = 0;

  async function request(dollars: number, who: { session?: string; endUser?: string }): Promise<string[]> {
    written = dollars;
    const response = await gateway.fetchFor({ ...account, ...who })('http://gateway.test/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hi.' }], max_tokens: dollars }),
    });
    const { error } = (await response.json()) as { error?: { code: string } };
    if (error) return [`${response.status} \`${error.code}\``, ''];
    const [event] = await gateway.usage.events(account);
    return [
      String(response.status),
      (event?.charged ?? []).map(({ source, amount }) => `${source} ${amount}`).join(', '),
    ];
  }

  /** Does what a row says; returns the answer, and what it was paid from. */
  async function act(row: string): Promise<string[]> {
    const [, who = '', what = ''] = /^(?:([\w ]+): )?(.*)$/.exec(row) ?? [];
    const [, amount = ''] = /(?:of|for) (\d+)/.exec(what) ?? [];
    const idempotencyKey = `credit_${++credits}`;
    const [, count, unit] = /(\d+) (hours|days)/.exec(what) ?? [];
    const time = Number(count) * UNITS[unit as keyof typeof UNITS];
    if (what.startsWith('request')) {
      return request(Number(amount), who.startsWith('run') ? { session: who } : who === '' ? {} : { endUser: who });
    }
    if (what.startsWith('top-up')) await gateway.credits.topUp({ ...account, amount, idempotencyKey });
    else if (what.startsWith('grant'))
      await gateway.credits.grant({ ...account, amount, idempotencyKey, expiresAt: clock.now() + time });
    else if (what.endsWith('pass')) clock.advance(time);
    else if (what === 'refund')
      await gateway.credits.refund({ requestId: (await gateway.usage.events(account))[0]?.id ?? '' });
    else throw new Error(`the table says what the test does not know: ${row}`);
    return ['', ''];
  }
  const available = async () => (await gateway.accounts.get('account')).available ?? '';
  return { act, available, close: () => gateway.close(), store };
}

const EXAMPLES = readExamples();

test('the page works out five plans', () => {
  expect(EXAMPLES.map(({ name }) => name)).toEqual([
    'Free trial',
    'Subscription with overflow',
    'Pay as you go',
    'Team with member budgets',
    'Agent runs',
  ]);
});

test.each(EXAMPLES)('$name: comes out as its table says', async ({ options, rows }) => {
  const { act, available, close, store } = openAccount(options);
  const computed: string[][] = [];
  for (const [row = ''] of rows) {
    const answer = await act(row);
    computed.push([row, ...answer, await available()]);
  }
  expect(computed.length).toBeGreaterThanOrEqual(5);
  expect(computed).toEqual(rows);
  await assertAccountsBalance(store.meter, ['account']);
  await close();
});
