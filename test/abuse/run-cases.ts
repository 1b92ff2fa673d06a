import type { ExchangeHandler } from '../../src/http/exchange.js';
import {
  anthropic,
  type Gateway,
  type GatewayOptions,
  google,
  memoryMeter,
  openai,
  openaiCompatible,
} from '../../src/index.js';
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
  thinker: { input: 0.5, output: 2 },
  signer: { input: 2, output: 12 },
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
  thinker: ['thinks', 'deepseek-reasoner-2'],
  signer: ['google', 'gemini-3-pro-preview'],
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

  /** @param origin where providers are on the network; unset: in this process. @param options of the gateway's own. */
  constructor(origin?: string, options: (meter: MemoryMeter) => Partial<GatewayOptions> = () => ({})) {
    const base = { apiKey: 'sk-x', baseURL: origin ?? 'http://provider.invalid' };
    this.gateway = unservedGateway({
      providers: {
        openai: openai({ ...base, baseURL: `${base.baseURL}/v1` }),
        anthropic: anthropic(base),
        google: google(base),
        copy: openaiCompatible({ ...base, name: 'copy' }),
        thinks: openaiCompatible({ ...base, name: 'deepseek' }),
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
      ...options(this.#meter),
    });
  }

  /** Plays the case of a seed. @param handler what clients talk to. Default: the gateway itself. */
  async play(seed: number, handler: ExchangeHandler = this.gateway): Promise<Outcome> {
    const random = seededRandom(seed);
    return this.run(abuseCase(random), random, handler);
  }

  async run(attack: AbuseCase, random: SeededRandom, handler: ExchangeHandler): Promise<Outcome> {
    const { dollars, pays, path, leaves, body, copies } = attack;
    const { id, key } = await this.attacker(pays, dollars);
    const exchanges: Exchange[] = [];
    this.last = exchanges;
    const clients: Client[] = [];
    this.provider = obedientProvider(random, attack.manner, async (exchange) => {
      exchanges.push(exchange);
      if (leaves === 'asked') clients[exchanges.length - 1]?.leave();
    });
    const bytes = Buffer.from(JSON.stringify(body));
    for (let i = 0; i < copies; i += 1) clients.push(new Client(handler, { key, path, leaves, bytes }));
    const statuses = await Promise.all(clients.map((client) => client.talk()));
    await this.settled(id, exchanges);
    const wrong = this.wrongOf(id, dollars, exchanges, statuses);
    return { statuses, sent: exchanges.length, left: clients.some(({ left }) => left), wrong };
  }

  /** An account with so much money, and its key. */
  async attacker(pays: 'balance' | 'budget', dollars: string): Promise<{ readonly id: string; readonly key: string }> {
    const { gateway } = this;
    this.#accounts += 1;
    const id = `attacker_${this.#accounts}`;
    await gateway.accounts.create({ id, plan: pays });
    if (pays === 'balance') await gateway.credits.topUp({ accountId: id, amount: dollars, idempotencyKey: id });
    const budget = pays === 'budget' ? { budget: { amount: dollars, period: 'total' as const } } : {};
    const { key } = await gateway.keys.create({ accountId: id, name: 'attack', ...budget });
    return { id, key };
  }

  /** Resolves when nothing is held and every exchange was charged. */
  async settled(id: string, exchanges: readonly Exchange[]): Promise<void> {
    const billed = () => exchanges.filter(({ bill }) => bill.input > 0).length;
    const events = () => this.#meter.events({ accountId: id }, { limit: MOST_EVENTS });
    // A client that leaves before anything was sent has an event without a charge.
    const charged = () => events().filter(({ cost }) => cost > 0n).length;
    while (this.#meter.balance(id).held > 0n || charged() < billed())
      await new Promise((resolve) => setImmediate(resolve));
  }

  /** What is wrong with what an account was charged; undefined: nothing. */
  wrongOf(id: string, dollars: string, exchanges: readonly Exchange[], statuses: readonly number[]) {
    const charged = this.#meter
      .events({ accountId: id }, { limit: MOST_EVENTS })
      .reduce((sum, { cost }) => sum + cost, 0n);
    const billed = exchanges.reduce((sum, exchange) => sum + listCost(exchange), 0) * 1_000;
    const objection = exchanges.find((exchange) => exchange.objection)?.objection;
    if (objection) return objection;
    const most = BigInt(Math.round(Number(dollars) * 1e9));
    if (charged > most) return `spent ${charged} of ${most}`;
    if (Number(charged) < Math.floor(billed)) return `charged ${charged} for a bill of ${billed}`;
    if (statuses.some((status) => status >= 500)) return `answered ${statuses.join(', ')}`;
    return undefined;
  }
}

/** More than any account here makes. */
const MOST_EVENTS = 200;

/** What an exchange costs by the list, in millionths of a dollar. */
function listCost({ url, body, bill: { input, output } }: Exchange): number {
  const [, inUrl] = /\/models\/([^:/]+):/.exec(url) ?? [];
  const native = inUrl ?? (JSON.parse(body) as { model?: string }).model;
  const name = Object.entries(TARGETS).find(([, [, model]]) => model === native)?.[0] ?? '';
  const price = LIST[name];
  if (!price) throw new Error(`${native} has no price`);
  const rates = price.tiers?.find(({ aboveInputTokens }) => input > aboveInputTokens) ?? price;
  return input * rates.input + output * rates.output;
}

/** One request of a client. */
interface ClientRequest {
  readonly path: string;
  /** Unset: the handler knows who asks. */
  readonly key?: string;
  readonly bytes: Uint8Array;
  readonly leaves: AbuseCase['leaves'];
}

/** A client that may leave. */
export class Client {
  readonly #controller = new AbortController();
  readonly #gateway: ExchangeHandler;
  readonly #request: ClientRequest;
  left = false;
  /** What it has of the answer. */
  text = '';

  constructor(gateway: ExchangeHandler, request: ClientRequest) {
    this.#gateway = gateway;
    this.#request = request;
  }

  leave(): void {
    this.left = true;
    this.#controller.abort();
  }

  async talk(): Promise<number> {
    const { path, leaves, key, bytes } = this.#request;
    const { status, body } = await this.#gateway.handle({
      method: 'POST',
      path,
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), 'content-type': 'application/json' },
      body: () => bytes,
      signal: this.#controller.signal,
    });
    if (typeof body === 'string' || body instanceof Uint8Array) {
      this.text = String(typeof body === 'string' ? body : Buffer.from(body));
      return status;
    }
    let pieces = 0;
    try {
      for await (const piece of body) {
        if (this.left || pieces === leaves) {
          this.leave();
          break;
        }
        this.text += typeof piece === 'string' ? piece : Buffer.from(piece).toString();
        pieces += 1;
      }
    } catch {
      // An answer that broke off is none that is complete.
    }
    return status;
  }
}
