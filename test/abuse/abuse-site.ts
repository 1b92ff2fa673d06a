import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'undici';
import { anthropic, type Gateway, type GatewayOptions, google, openai, openaiCompatible } from '../../src/index.js';
import { type FakeAnswer, type FakeRequest, type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { servedGateway, unservedGateway } from '../helpers/test-gateway.js';

/** List prices of the models that are attacked, in USD per million tokens. */
export const PRICES = {
  gemini: { input: 0.3, output: 2.5 },
  haiku: { input: 1, output: 5 },
  mini: { input: 0.15, output: 0.6 },
  gpt: { input: 2.5, output: 10 },
  copy: { input: 1, output: 2 },
  embed: { input: 0.15, output: 0 },
} as const;

export type Model = keyof typeof PRICES;

/** A gateway and its providers on sockets, for attackers. */
export interface AbuseSite {
  readonly gateway: Gateway;
  readonly upstream: FakeUpstream;
  readonly url: string;
  /** An account with this many dollars, and its key. */
  attacker(dollars: string, options?: { plan?: string; budget?: string }): Promise<Attacker>;
  /** Who has a key that another site with the same store made. */
  as(key: string, accountId?: string): Attacker;
  close(): Promise<void>;
}

export interface Attacker {
  readonly id: string;
  readonly key: string;
  post(path: string, body: object | string): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>;
  /** Sends so many at once; returns how many were answered. */
  storm(count: number, path: string, body: object): Promise<number>;
  /** Dollars that are left. */
  balance(): Promise<number>;
  /** Dollars that were charged. */
  charged(): Promise<number>;
}

/** What the providers report for every request. */
export type Report = { readonly input: number; readonly output: number };

/** What a site's gateway has of its own. */
interface SiteOptions extends Partial<GatewayOptions> {
  /** Further providers at the site's upstream. */
  readonly providersAt?: (upstream: FakeUpstream) => GatewayOptions['providers'];
}

/** Starts one. */
export async function abuseSite(
  answer: FakeAnswer | ((request: FakeRequest) => FakeAnswer),
  { providersAt, ...options }: SiteOptions = {},
): Promise<AbuseSite> {
  const upstream = await fakeUpstream({ answer });
  const gateway = unservedGateway({
    providers: {
      openai: openai(upstream.openai),
      anthropic: anthropic(upstream.anthropic),
      google: google(upstream.google),
      copy: openaiCompatible({ ...upstream.openai, name: 'copy' }),
      ...providersAt?.(upstream),
    },
    models: {
      gemini: { provider: 'google', model: 'gemini-2.5-flash', price: PRICES.gemini },
      haiku: { provider: 'anthropic', model: 'claude-haiku-4-5', price: PRICES.haiku },
      mini: { provider: 'openai', model: 'gpt-4o-mini', price: PRICES.mini },
      gpt: { provider: 'openai', model: 'gpt-4o', price: PRICES.gpt },
      copy: { provider: 'copy', model: 'qwen', price: PRICES.copy },
      embed: { provider: 'google', model: 'gemini-embedding-001', price: PRICES.embed },
    },
    plans: { prepaid: { models: '*', billing: 'prepaid' }, metered: { models: '*' } },
    defaultPlan: 'prepaid',
    ...options,
  });
  const site = await servedGateway(gateway);
  const url = site.origin;
  const agent = new Agent({ connections: 400, headersTimeout: 0, bodyTimeout: 0 });
  let accounts = 0;

  const as = (key: string, id = ''): Attacker => {
    const post = async (path: string, body: object | string) => {
      const answered = await request(`${url}/v1/${path}`, {
        dispatcher: agent,
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: answered.statusCode, headers: answered.headers, text: await answered.body.text() };
    };
    return {
      id,
      key,
      post,
      async storm(count, path, body) {
        const answers = await Promise.all(Array.from({ length: count }, () => post(path, body)));
        return answers.filter(({ status }) => status === 200).length;
      },
      balance: async () => Number((await gateway.accounts.get(id)).balance),
      async charged() {
        const [total] = await gateway.usage.query({ accountId: id });
        return Number(total?.cost ?? 0);
      },
    };
  };

  return {
    gateway,
    upstream,
    url,
    as,
    async attacker(dollars, { plan = 'prepaid', budget } = {}) {
      accounts += 1;
      const id = `attacker_${accounts}`;
      await gateway.accounts.setPlan(id, plan);
      if (Number(dollars) > 0) await gateway.credits.topUp({ accountId: id, amount: dollars, idempotencyKey: id });
      const { key } = await gateway.keys.create({
        accountId: id,
        name: 'attack',
        ...(budget !== undefined && { budget: { amount: budget, period: 'total' as const } }),
      });
      return as(key, id);
    },
    async close() {
      await gateway.close({ deadlineMs: 0 });
      await agent.destroy();
      await site.close();
      await upstream.close();
    },
  };
}

/** What this many tokens cost by the list. */
export function listPrice(model: Model, { input, output }: Report): number {
  return (input * PRICES[model].input + output * PRICES[model].output) / 1_000_000;
}
