import { fail } from 'node:assert/strict';
import {
  createGateway,
  type Gateway,
  type GatewayEvent,
  type GatewayOptions,
  memoryKeyStore,
  openai,
} from '../../src/index.js';
import type { FullMeter, Settlement } from '../../src/meter/meter.js';
import type { Outbox } from '../../src/meter/outbox.js';
import { memoryMeter } from '../../src/stores/memory/memory-meter.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { compareNotices } from '../../src/testing/reference-comparison.js';
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.js';
import { JudgedMeter } from './judged-meter.js';
import { Network, type Weather } from './network.js';
import { Operator } from './operator.js';
import { runClient, type SeenRequest } from './simulated-client.js';
import { simulatedProvider } from './simulated-provider.js';
import { VirtualTime, WORLD } from './virtual-time.js';
import { ACCOUNTS, PLANS, WORLD_OPTIONS } from './world-options.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Five minutes before a leap February ends. */
const START = Date.UTC(2028, 1, 29, 23, 55);
const PROCESSES = 3;
/** A gateway process: it can be killed, and one with the same outbox started in its place. */
interface SimulatedProcess {
  readonly owner: number;
  readonly gateway: Gateway;
  /** How far its clock is off. */
  skewMs: number;
}

export interface WorldOptions {
  readonly seed: number;
  readonly requests: number;
  /** Breaks the meter on purpose. */
  readonly plant?: (meter: FullMeter) => FullMeter;
  /** Breaks the outboxes on purpose. */
  readonly plantOutbox?: (outbox: Outbox) => Outbox;
}

/** What a world comes to: the same for the same options. */
export interface WorldReport {
  readonly steps: number;
  readonly answered: number;
  readonly charged: number;
  readonly crashes: number;
  readonly notices: number;
  /** Of everything that happened, in order. */
  readonly digest: number;
}

/**
 * A world of several gateway processes over one store, all of it derived from a seed: requests and operators' work come in,
 * providers fail, clients leave, calls of the store get lost or arrive twice, clocks jump, processes are killed at any
 * await and started again. After each step of the store the books are compared with the reference of the contract; once
 * the world has come to rest, with what clients and handlers saw.
 */
export class World {
  readonly time = new VirtualTime();
  readonly random: SeededRandom;
  readonly #options: WorldOptions;
  readonly #meter: FullMeter;
  readonly #judged: JudgedMeter;
  readonly #keyStore = memoryKeyStore();
  readonly #weather: Weather = { calm: false, downUntil: 0 };
  readonly #network: Network;
  readonly #operator: Operator;
  readonly #processes: (SimulatedProcess | undefined)[] = [];
  readonly #outboxes = Array.from({ length: PROCESSES }, () => new Map<string, Settlement>());
  readonly #keys = new Map<string, string>();
  readonly #seen: SeenRequest[] = [];
  readonly #heard = new Map<string, GatewayEvent>();
  #running = new Set<SeenRequest>();
  #wall = START;
  #owners = WORLD;
  #sent = 0;
  #crashes = 0;
  #digest = 0;
  #fault: { readonly cause: unknown } | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    // Of a clock that does not jump: it forgets ended requests after a day.
    const meter = memoryMeter({ now: () => this.time.now });
    this.#meter = options.plant?.(meter) ?? meter;
    this.#judged = new JudgedMeter(this.#meter);
    this.#network = new Network(this.time, this.random, this.#weather, (cause) => {
      this.#fault ??= { cause };
    });
    this.#operator = new Operator(this.random, this.time);
  }

  /** Runs the world to its end. @throws the first thing that is not as it must be, with the seed and the step. */
  async run(): Promise<WorldReport> {
    await loadLateModules();
    const uninstall = this.time.install();
    try {
      for (let slot = 0; slot < PROCESSES; slot++) await this.#start(slot);
      await this.#fund();
      this.#arrive();
      this.time.after(this.random.integer(200, 2_000), WORLD, () => this.#disturb());
      while (this.#sent < this.#options.requests) await this.#step();
      await this.#rest();
      await this.#judgeAll();
    } catch (cause) {
      throw new Error(`seed ${this.#options.seed}, step ${this.time.steps}: ${messageOf(cause)}`, { cause });
    } finally {
      uninstall();
    }
    const charged = this.#seen.filter(({ requestId }) => this.#judged.reference.chargesOf(requestId) !== undefined);
    return {
      steps: this.time.steps,
      answered: this.#seen.filter(({ complete }) => complete).length,
      charged: charged.length,
      crashes: this.#crashes,
      notices: this.#heard.size,
      digest: this.#digest,
    };
  }

  async #step(): Promise<void> {
    if (!(await this.time.step())) fail('nothing happens any more');
    if (this.#fault) throw this.#fault.cause;
  }

  /** Notes something in the digest. */
  #note(...facts: readonly (number | string | boolean)[]): void {
    for (const character of `${this.time.steps} ${facts.join(' ')}`)
      this.#digest = (Math.imul(this.#digest ^ character.charCodeAt(0), 16_777_619) >>> 0) as number;
  }

  async #start(slot: number): Promise<void> {
    const owner = ++this.#owners;
    const { time, random } = this;
    const judged = this.#judged;
    const process: { skewMs: number } = { skewMs: 0 };
    const calm = () => this.#weather.calm;
    const provider = simulatedProvider(time, owner, random, calm);
    const apply = (name: string, args: readonly unknown[]) => judged.apply(name as keyof FullMeter, args);
    await time.as(owner, () => {
      const gateway = createGateway({
        ...WORLD_OPTIONS,
        providers: {
          alpha: openai({ apiKey: 'sk-alpha', baseURL: 'http://alpha.test/v1' }),
          beta: openai({ apiKey: 'sk-beta', baseURL: 'http://beta.test/v1' }),
        },
        meter: this.#network.proxy(
          this.#meter,
          owner,
          new Set(['settle', 'release', 'credit', 'expire', 'grant']),
          apply,
        ),
        keyStore: this.#network.proxy(this.#keyStore, owner, new Set()),
        transport: provider,
        outbox: this.#outboxOf(slot, owner),
        authenticate: ({ raw }) => raw as { accountId: string } | null,
        on: this.#handlers(),
        now: () => Math.floor(this.#wall + time.now + process.skewMs),
        random: random.next,
        logger: { debug() {}, info() {}, warn() {}, error() {} },
      });
      this.#processes[slot] = Object.assign(process, { owner, gateway });
    });
  }

  /** An outbox that outlives its process: what was appended is there again after a restart. */
  #outboxOf(slot: number, owner: number): Outbox {
    const kept = this.#outboxes[slot] as Map<string, Settlement>;
    const written = (work: () => void) =>
      new Promise<void>((resolve) => {
        this.time.after(this.random.integer(0, 3), owner, () => {
          work();
          resolve();
        });
      });
    const outbox: Outbox = {
      append: (settlement) => written(() => kept.set(settlement.id, settlement)),
      pending: () => [...kept.values()],
      remove: (ids) =>
        written(() => {
          for (const id of ids) kept.delete(id);
        }),
    };
    return this.#options.plantOutbox?.(outbox) ?? outbox;
  }

  #handlers(): NonNullable<GatewayOptions['on']> {
    const hear = (event: GatewayEvent) => {
      if (!this.#weather.calm && this.random.next() < 0.2) throw new Error('the handler is broken');
      this.#heard.set(`${event.accountId} ${event.id}`, event);
    };
    return {
      'balance.low': hear,
      'balance.empty': hear,
      'budget.reached': hear,
      'allowance.reached': hear,
      'grant.expiring': hear,
      'credit.added': hear,
    };
  }

  /** Gives every account a plan and some money, in fine weather. */
  async #fund(): Promise<void> {
    this.#weather.calm = true;
    const process = this.#processes[0] as SimulatedProcess;
    let left = ACCOUNTS.length + 1;
    await this.time.as(process.owner, () => {
      for (const [i, id] of ACCOUNTS.entries())
        void this.#operator.open(process.gateway, id, PLANS[i % PLANS.length] as string).then((key) => {
          this.#keys.set(id, key);
          left--;
        });
      void this.#operator.codes(process.gateway).then(() => left--);
    });
    while (left > 0) await this.#step();
    this.#weather.calm = false;
  }

  #alive(): SimulatedProcess | undefined {
    return this.#processes[this.random.integer(0, PROCESSES - 1)];
  }

  /** The next request or piece of work, again and again. */
  #arrive(): void {
    const process = this.#alive();
    if (process) {
      const { owner, gateway } = process;
      if (this.random.next() < 0.06) void this.time.as(owner, () => this.#operator.work(gateway));
      else {
        const seen: SeenRequest = {
          requestId: '',
          status: 0,
          complete: false,
          text: '',
          searches: false,
          owner,
          number: this.#sent++,
        };
        this.#seen.push(seen);
        this.#running.add(seen);
        const ended = () => {
          this.#running.delete(seen);
          this.#note('request', seen.number, seen.status, seen.complete, seen.text);
        };
        this.time.after(0, owner, () => void runClient(gateway, this.#keys, this.random, this.time, seen).then(ended));
      }
    }
    if (this.#sent < this.#options.requests) this.time.after(this.random.integer(0, 25), WORLD, () => this.#arrive());
  }

  /** Kills, restarts, jumps of clocks, outages. */
  #disturb(): void {
    if (this.#weather.calm) return;
    const { random, time } = this;
    const slot = random.integer(0, PROCESSES - 1);
    const process = this.#processes[slot];
    const chance = random.next();
    if (chance < 0.4 && process) this.#kill(slot, process);
    else if (chance < 0.6 && process) process.skewMs = random.pick([0, 0, -2_000, 2_000, 90_000, -90_000, 4 * HOUR]);
    else if (chance < 0.75) this.#wall += random.pick([HOUR, 6 * HOUR, DAY, 9 * DAY, 31 * DAY]);
    else if (chance < 0.85) this.#weather.downUntil = time.now + random.integer(10, 600);
    time.after(random.integer(200, 4_000), WORLD, () => this.#disturb());
  }

  #kill(slot: number, process: SimulatedProcess): void {
    this.time.kill(process.owner);
    this.#processes[slot] = undefined;
    this.#crashes++;
    for (const seen of this.#running) if (seen.owner === process.owner) this.#running.delete(seen);
    this.#note('killed', slot);
    this.time.after(this.random.integer(1, 3_000), WORLD, () => void this.#start(slot));
  }

  /** Fine weather until nothing runs, waits, is held or has to be told any more. */
  async #rest(): Promise<void> {
    this.#weather.calm = true;
    this.#weather.downUntil = 0;
    const until = async (condition: () => boolean | Promise<boolean>, limitMs: number) => {
      const end = this.time.now + limitMs;
      while (!(await condition()) && this.time.now < end) await this.#step();
    };
    const idle = () =>
      this.#running.size === 0 &&
      this.#processes.every((process) => process) &&
      this.#outboxes.every((outbox) => outbox.size === 0);
    await until(idle, HOUR);
    if (!idle())
      fail(`${this.#running.size} requests still run, ${this.#outboxes.map(({ size }) => size)} settlements wait`);
    for (const process of this.#processes) if (process) process.skewMs = 0;
    // What a clock that was ahead made due later is due now, and what died requests held has lapsed.
    this.#wall += 2 * DAY;
    const quiet = this.time.now + 10 * 60_000;
    await until(() => this.time.now >= quiet, HOUR);
    await this.#judged.apply('expire', [this.#wall + this.time.now + DAY]);
  }

  async #judgeAll(): Promise<void> {
    const { reference } = this.#judged;
    await assertAccountsBalance(this.#meter, ACCOUNTS);
    compareNotices(
      [...this.#heard.values()].map((event) => ({
        ...event,
        accountId: event.accountId ?? '',
        at: event.at.getTime(),
      })),
      reference.notices,
    );
    this.#operator.judge(reference);
    for (const { requestId, status, complete, text, searches } of this.#seen) {
      if (requestId === '') continue;
      const charge = reference.chargesOf(requestId);
      if (status !== 200 && status !== 499 && charge) fail(`${requestId} was answered with ${status} and is charged`);
      if (!complete) continue;
      if (!charge) fail(`${requestId} was answered and is not charged`);
      const [, input, output] = /used (\d+) (\d+)/.exec(text) ?? [];
      const [event] = await this.#meter.events({ id: requestId }, { limit: 2 });
      if ((event?.usage.units?.['web_search'] ?? 0) !== (searches ? 1 : 0))
        fail(`${requestId} searched and is charged for ${JSON.stringify(event?.usage.units)}`);
      if (
        input !== undefined &&
        (event?.usage.inputTokens !== Number(input) || event.usage.outputTokens !== Number(output))
      )
        fail(
          `${requestId} used ${input} and ${output} tokens and is charged for ${event?.usage.inputTokens} and ${event?.usage.outputTokens}`,
        );
    }
  }
}

/** What the gateway loads with its first use: within a world it would keep the timers and clock of that world for the next. */
async function loadLateModules(): Promise<void> {
  await Promise.all([
    import('../../src/host-calls.js'),
    import('../../src/management/other-credits.js'),
    import('../../src/pipeline/beyond-text.js'),
    import('../../src/upstream/wire.js'),
  ]);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
