import type { ExchangeHandler } from '../../src/http/exchange.js';
import type { Identity, Meter } from '../../src/index.js';
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.js';
import { type Conversation, conversationCase, SESSION_DOLLARS, type Turn } from './conversation-case.js';
import { LeftBehind, requestOf } from './left-behind.js';
import { type Exchange, obedientProvider } from './obedient-provider.js';
import { AbuseWorld, Client, type Outcome } from './run-cases.js';

/** A gateway whose sessions may spend so much, and that remembers what earlier accounts left. */
export class ConversationWorld {
  readonly #world = new AbuseWorld(undefined, (meter) => ({
    budgets: [{ subject: 'session', amount: SESSION_DOLLARS, per: 'total' }],
    meter: slowToHold(meter, () => this.#random.integer(0, 30)),
  }));
  #random = seededRandom(0);
  /** The conversation that was played last, and what was sent for it. */
  last: { readonly conversation: Conversation; readonly exchanges: readonly Exchange[] } | undefined;

  async play(seed: number): Promise<Outcome> {
    const random = seededRandom(seed);
    return this.run(conversationCase(random, process.env['ABUSE_MODELS']?.split(',')), random);
  }

  async run(conversation: Conversation, random: SeededRandom): Promise<Outcome> {
    const { pays, dollars, turns } = conversation;
    this.#random = random;
    const { id, key } = await this.#world.attacker(
      pays === 'session' || pays === 'token' ? 'budget' : pays,
      pays === 'token' ? '40' : dollars,
    );
    const asked = await this.#asking(conversation, id, key);
    const exchanges: Exchange[] = [];
    this.last = { conversation, exchanges };
    const left = new LeftBehind();
    const statuses: number[] = [];
    const clients: Client[] = [];
    let running: Promise<unknown> = Promise.resolve();
    for (const turn of turns) {
      if (!turn.together) await running;
      const begun = this.#begin(turn, left, asked, exchanges, random);
      clients.push(...begun);
      const talks = begun.map(async (client) => {
        statuses.push(await client.talk());
        left.read(client.text);
      });
      running = Promise.all([running, ...talks]);
    }
    await running;
    await this.#world.settled(id, exchanges);
    const wrong = this.#world.wrongOf(id, dollars, exchanges, statuses);
    return { statuses, sent: exchanges.length, left: clients.some((client) => client.left), wrong };
  }

  close(): Promise<void> {
    return this.#world.gateway.close({ deadlineMs: 0 });
  }

  /** Who is asked, and with which key. */
  async #asking({ pays, dollars }: Conversation, id: string, key: string): Promise<Asking> {
    const { gateway } = this.#world;
    if (pays === 'session')
      return { handler: inProcess(gateway.fetchFor.bind(gateway), { accountId: id, session: id }) };
    if (pays !== 'token') return { handler: gateway, key };
    const { token } = await gateway.sessions.create({ accountId: id, ttl: '1h', budget: dollars });
    return { handler: gateway, key: token };
  }

  /** The clients of one turn; its provider has manners of its own. */
  #begin(
    turn: Turn,
    left: LeftBehind,
    { handler, key }: Asking,
    exchanges: Exchange[],
    random: SeededRandom,
  ): Client[] {
    const { path, body } = requestOf(turn, left);
    const bytes = Buffer.from(JSON.stringify(body));
    const clients: Client[] = [];
    const { leaves } = turn;
    let sent = 0;
    this.#world.provider = obedientProvider(random, turn.manner, async (exchange) => {
      exchanges.push(exchange);
      sent += 1;
      if (leaves === 'asked') clients[sent - 1]?.leave();
      // Others are served while a model thinks.
      await new Promise((resolve) => setImmediate(resolve));
    });
    for (let i = 0; i < turn.copies; i += 1)
      clients.push(new Client(handler, { path, leaves, bytes, ...(key !== undefined && { key }) }));
    return clients;
  }
}

/** A ledger as over a network: other answers come between a hold and its call. */
function slowToHold(meter: Meter, turnsOf: () => number): Meter {
  return new Proxy(meter, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      if (name !== 'reserve') return method.bind(target);
      return async (...given: unknown[]) => {
        const result: unknown = method.apply(target, given);
        for (let turns = turnsOf(); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
        return result;
      };
    },
  });
}

/** How a conversation asks. */
interface Asking {
  readonly handler: ExchangeHandler;
  /** Unset: the handler knows who asks. */
  readonly key?: string;
}

/** The app's own code, which asks for somebody in its process. */
function inProcess(fetchFor: (identity: Identity) => typeof fetch, identity: Identity): ExchangeHandler {
  const ask = fetchFor(identity);
  return {
    async handle({ method, path, headers, body, signal }) {
      const bytes = (await body(Number.MAX_SAFE_INTEGER)) as Uint8Array<ArrayBuffer>;
      try {
        const answer = await ask(`http://gateway.test${path}`, {
          method,
          headers: headers as Record<string, string>,
          body: bytes,
          signal,
        });
        return { status: answer.status, headers: {}, body: (answer.body ?? '') as AsyncIterable<Uint8Array> };
      } catch {
        return { status: 499, headers: {}, body: '' };
      }
    },
  };
}
