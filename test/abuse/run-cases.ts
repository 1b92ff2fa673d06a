import type { ExchangeHandler } from '../../src/http/exchange.js';
import { type Gateway, type GatewayOptions, memoryMeter } from '../../src/index.js';
import type { MemoryMeter } from '../../src/stores/memory/memory-meter.js';
import type { SeededRandom } from '../../src/testing/seeded-random.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import type { Transport } from '../../src/upstream/transport.js';
import { unservedGateway } from '../helpers/test-gateway.js';
import { type AbuseCase, abuseCase } from './abuse-case.js';
import { type Exchange, obedientProvider } from './obedient-provider.js';
import { fetchThrough, listPriceOf, MODELS, providersAt } from './targets.js';

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
  readonly #models: readonly string[] | undefined = process.env['ABUSE_MODELS']?.split(',');
  #accounts = 0;
  /** The exchanges of the case that was played last. */
  last: readonly Exchange[] = [];
  /** The provider of the case that is played. */
  provider: Transport = { send: () => Promise.reject(new Error('no case is played')) };

  /** @param origin where providers are on the network; unset: in this process. @param options of the gateway's own. */
  constructor(origin?: string, options: (meter: MemoryMeter) => Partial<GatewayOptions> = () => ({})) {
    const ofTheCase: Transport = { send: (request) => this.provider.send(request) };
    this.gateway = unservedGateway({
      providers: providersAt(
        origin ?? 'http://provider.invalid',
        origin === undefined ? fetchThrough(ofTheCase) : fetch,
      ),
      models: MODELS,
      plans: { balance: { models: '*', billing: 'prepaid' }, budget: { models: '*' } },
      defaultPlan: 'balance',
      meter: this.#meter,
      refusedPerMinute: 1_000_000,
      ...(origin === undefined && { transport: ofTheCase }),
      ...options(this.#meter),
    });
  }

  /** Plays the case of a seed. @param handler what clients talk to. Default: the gateway itself. */
  async play(seed: number, handler: ExchangeHandler = this.gateway): Promise<Outcome> {
    const random = seededRandom(seed);
    return this.run(abuseCase(random, this.#models), random, handler);
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
    const deadline = performance.now() + MOST_WAITED_MS;
    while (this.#meter.balance(id).held > 0n || charged() < billed()) {
      // What is never charged is told by `wrongOf`.
      if (performance.now() > deadline) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
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

/** No charge comes as late. */
const MOST_WAITED_MS = 5_000;
/** More than any account here makes. */
const MOST_EVENTS = 200;

/** What an exchange costs by the list, in millionths of a dollar. */
function listCost({ url, body, bill: { input, output } }: Exchange): number {
  const [, inUrl] = /\/models?\/([^/:?]+)/.exec(url) ?? [];
  const native = inUrl === undefined ? (JSON.parse(body) as { model?: string }).model : decodeURIComponent(inUrl);
  const price = listPriceOf(native);
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
