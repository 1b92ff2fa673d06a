import type { ExchangeHandler } from '../../src/http/exchange.js';
import { anthropic, type Gateway, google, memoryMeter, openai, openaiCompatible } from '../../src/index.js';
import type { MemoryMeter } from '../../src/stores/memory/memory-meter.js';
import type { SeededRandom } from '../../src/testing/seeded-random.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import type { Transport } from '../../src/upstream/transport.js';
import { unservedGateway } from '../helpers/test-gateway.js';
import { type AbuseCase, abuseCase } from './abuse-case.js';
import { PRICES } from './abuse-site.js';
import { type Exchange, obedientProvider } from './obedient-provider.js';

interface ListPrice {
  readonly input: number;
  readonly output: number;
  /** Of the whole request, when it is longer. */
  readonly tiers?: readonly { readonly aboveInputTokens: number; readonly input: number; readonly output: number }[];
}

/** USD per million tokens. */
const LIST: Readonly<Record<string, ListPrice>> = {
  ...PRICES,
  o: { input: 1.1, output: 4.4 },
  old: { input: 0.8, output: 4 },
  lite: { input: 0.1, output: 0.4 },
  long: { input: 1.25, output: 10, tiers: [{ aboveInputTokens: 2_000, input: 2.5, output: 15 }] },
  reasoner: { input: 0.5, output: 2 },
};
const TARGETS: Readonly<Record<string, readonly [provider: string, model: string]>> = {
  mini: ['openai', 'gpt-4o-mini'],
  gpt: ['openai', 'gpt-4o'],
  o: ['openai', 'o3-mini'],
  haiku: ['anthropic', 'claude-haiku-4-5'],
  old: ['anthropic', 'claude-3-5-haiku-latest'],
  gemini: ['google', 'gemini-2.5-flash'],
  lite: ['google', 'gemini-2.0-flash'],
  long: ['google', 'gemini-2.5-pro'],
  copy: ['copy', 'qwen'],
  reasoner: ['copy', 'deepseek-reasoner'],
  embed: ['google', 'gemini-embedding-001'],
};

/** What a case came to. */
export interface Outcome {
  readonly statuses: readonly number[];
  readonly sent: number;
  /** True when a client was gone before its answer was complete. */
  readonly left: boolean;
  /** What is wrong; undefined: nothing. */
  readonly wrong: string | undefined;
}

/** A gateway whose provider is another one for each case. */
export class AbuseWorld {
  readonly gateway: Gateway;
  readonly #meter: MemoryMeter = memoryMeter();
  #accounts = 0;
  /** The exchanges of the case that was played last. */
  last: readonly Exchange[] = [];
  /** The provider of the case that is played. */
  provider: Transport = { send: () => Promise.reject(new Error('no case is played')) };

  /** @param origin where providers are on the network; unset: in this process. */
  constructor(origin?: string) {
    const base = { apiKey: 'sk-x', baseURL: origin ?? 'http://provider.invalid' };
    this.gateway = unservedGateway({
      providers: {
        openai: openai({ ...base, baseURL: `${base.baseURL}/v1` }),
        anthropic: anthropic(base),
        google: google(base),
        copy: openaiCompatible({ ...base, name: 'copy' }),
      },
      models: Object.fromEntries(
        Object.entries(TARGETS).map(([name, [provider, model]]) => [
          name,
          { provider, model, price: LIST[name] ?? LIST['gpt'] },
        ]),
      ) as never,
      plans: { balance: { models: '*', billing: 'prepaid' }, budget: { models: '*' } },
      defaultPlan: 'balance',
      meter: this.#meter,
      refusedPerMinute: 1_000_000,
      ...(origin === undefined && { transport: { send: (request) => this.provider.send(request) } }),
    });
  }

  /** Plays the case of a seed. @param handler what clients talk to. Default: the gateway itself. */
  async play(seed: number, handler: ExchangeHandler = this.gateway): Promise<Outcome> {
    const random = seededRandom(seed);
    return this.run(abuseCase(random), random, handler);
  }

  async run(attack: AbuseCase, random: SeededRandom, handler: ExchangeHandler): Promise<Outcome> {
    const { gateway } = this;
    this.#accounts += 1;
    const id = `attacker_${this.#accounts}`;
    const { dollars, pays } = attack;
    await gateway.accounts.create({ id, plan: pays });
    if (pays === 'balance') await gateway.credits.topUp({ accountId: id, amount: dollars, idempotencyKey: id });
    const budget = pays === 'budget' ? { budget: { amount: dollars, period: 'total' as const } } : {};
    const { key } = await gateway.keys.create({ accountId: id, name: 'attack', ...budget });
    const exchanges: Exchange[] = [];
    this.last = exchanges;
    const clients: Client[] = [];
    this.provider = obedientProvider(random, attack.manner, async (exchange) => {
      exchanges.push(exchange);
      if (attack.leaves === 'asked') clients[exchanges.length - 1]?.leave();
    });
    const text = Buffer.from(JSON.stringify(attack.body));
    for (let i = 0; i < attack.copies; i += 1) clients.push(new Client(handler, key, attack, text));
    const statuses = await Promise.all(clients.map((client) => client.talk()));
    while (this.#meter.balance(id).held > 0n || this.#runs(id, exchanges))
      await new Promise((resolve) => setImmediate(resolve));
    const wrong = this.#wrongOf(id, attack, exchanges, statuses);
    return { statuses, sent: exchanges.length, left: clients.some(({ left }) => left), wrong };
  }

  /** True while an exchange has not been settled. */
  #runs(id: string, exchanges: readonly Exchange[]): boolean {
    return (
      this.#meter.events({ accountId: id }, { limit: 10 }).length <
      exchanges.filter(({ bill }) => bill.input > 0).length
    );
  }

  #wrongOf(id: string, { dollars, model }: AbuseCase, exchanges: readonly Exchange[], statuses: readonly number[]) {
    const charged = this.#meter.events({ accountId: id }, { limit: 10 }).reduce((sum, { cost }) => sum + cost, 0n);
    const price: ListPrice = LIST[model] ?? { input: 0, output: 0 };
    const billed =
      exchanges.reduce((sum, { bill: { input, output } }) => {
        const rates = price.tiers?.find(({ aboveInputTokens }) => input > aboveInputTokens) ?? price;
        return sum + input * rates.input + output * rates.output;
      }, 0) * 1_000;
    const objection = exchanges.find((exchange) => exchange.objection)?.objection;
    if (objection) return objection;
    const most = BigInt(Math.round(Number(dollars) * 1e9));
    if (charged > most) return `spent ${charged} of ${most}`;
    if (Number(charged) < Math.floor(billed)) return `charged ${charged} for a bill of ${billed}`;
    if (statuses.some((status) => status >= 500)) return `answered ${statuses.join(', ')}`;
    return undefined;
  }
}

/** A client that may leave. */
class Client {
  readonly #controller = new AbortController();
  readonly #gateway: ExchangeHandler;
  readonly #key: string;
  readonly #attack: AbuseCase;
  readonly #body: Uint8Array;
  left = false;

  constructor(gateway: ExchangeHandler, key: string, attack: AbuseCase, body: Uint8Array) {
    this.#gateway = gateway;
    this.#key = key;
    this.#attack = attack;
    this.#body = body;
  }

  leave(): void {
    this.left = true;
    this.#controller.abort();
  }

  async talk(): Promise<number> {
    const { path, leaves } = this.#attack;
    const { status, body } = await this.#gateway.handle({
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      body: () => this.#body,
      signal: this.#controller.signal,
    });
    if (typeof body === 'string' || body instanceof Uint8Array) return status;
    let pieces = 0;
    try {
      for await (const _ of body) {
        if (this.left || pieces === leaves) {
          this.leave();
          break;
        }
        pieces += 1;
      }
    } catch {
      // An answer that broke off is none that is complete.
    }
    return status;
  }
}
