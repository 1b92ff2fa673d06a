import { equal } from 'node:assert/strict';
import type { Gateway } from '../../src/index.js';
import type { ReferenceMeter } from '../../src/testing/reference-meter.js';
import type { SeededRandom } from '../../src/testing/seeded-random.js';
import type { VirtualTime } from './virtual-time.js';
import { ACCOUNTS, NEWCOMER, PLANS } from './world-options.js';

const HOUR = 3_600_000;
/** One of them is not there. */
const CODES = ['PLAIN', 'SOON', 'WELCOME', 'UPGRADE', 'NONE'] as const;

/** The operators and the billing system: they pay in, give, correct, refund and change plans through any process. */
export class Operator {
  readonly #random: SeededRandom;
  readonly #time: VirtualTime;
  readonly #payments: { readonly accountId: string; readonly key: string; readonly amount: string }[] = [];
  /** Payments that a process said are in the books. */
  readonly #acknowledged = new Set<string>();
  #open = 0;

  constructor(random: SeededRandom, time: VirtualTime) {
    this.#random = random;
    this.#time = time;
  }

  /** Opens an account with some money; resolves to an API key of it, which has a budget of its own. */
  async open(gateway: Gateway, id: string, plan: string): Promise<string> {
    if (id === NEWCOMER) await gateway.accounts.create({ id, plan });
    else {
      await gateway.accounts.create({ id, plan, grant: { amount: '0.001', reason: 'trial' } });
      await gateway.credits.topUp({ accountId: id, amount: '0.004', idempotencyKey: 'start' });
    }
    const { key } = await gateway.keys.create({
      accountId: id,
      name: 'app',
      budget: { amount: '0.02', period: 'day' },
    });
    return key;
  }

  async codes(gateway: Gateway): Promise<void> {
    await gateway.promoCodes.create({ code: 'PLAIN', amount: '0.0007', maxRedemptions: 3 });
    await gateway.promoCodes.create({ code: 'SOON', amount: '0.0009', creditExpiresAfter: '6h' });
    await gateway.promoCodes.create({ code: 'WELCOME', amount: '0.002', newAccountsOnly: true });
    await gateway.promoCodes.create({ code: 'UPGRADE', amount: '0.001', creditExpiresAfter: '30d', plan: 'pro' });
  }

  /** One piece of work, by chance; what fails is done again some other time, or never. */
  work(gateway: Gateway): void {
    const random = this.#random;
    const accountId = random.pick(ACCOUNTS);
    const number = ++this.#open;
    const chance = random.next();
    if (chance < 0.45) this.#pay(gateway, accountId, number);
    else if (chance < 0.6) {
      const hours = random.pick([undefined, 1, 5, 200]);
      const grant = { accountId, amount: '0.0015', idempotencyKey: `grant ${number}`, reason: 'sorry' };
      const expiresAt =
        hours === undefined ? undefined : new Date(Date.UTC(2028, 2, 1) + this.#time.now + hours * HOUR);
      this.#try(gateway.credits.grant({ ...grant, ...(expiresAt && { expiresAt }) }));
    } else if (chance < 0.65)
      this.#try(gateway.credits.adjust({ accountId, amount: '-0.0004', idempotencyKey: `back ${number}` }));
    else if (chance < 0.75) {
      const events = gateway.usage.events({ accountId }).then((page) => random.pick(page.slice(0, 5)).id);
      this.#try(events.then((requestId) => gateway.credits.refund({ requestId, reason: 'bad answer' })));
    } else if (chance < 0.82) this.#try(gateway.credits.redeem({ accountId, code: random.pick(CODES) }));
    else if (chance < 0.92) this.#try(gateway.accounts.setPlan(accountId, random.pick(PLANS)));
    else {
      const budget = random.pick([
        null,
        { amount: '0.003', period: 'day' },
        { amount: '0.02', period: 'month' },
      ] as const);
      this.#try(gateway.accounts.setBudget(accountId, budget));
    }
  }

  /** Checks that what was acknowledged is in the books, once. */
  judge(reference: ReferenceMeter): void {
    for (const { accountId, key, amount } of this.#payments) {
      if (!this.#acknowledged.has(key)) continue;
      const nano = BigInt(Math.round(Number(amount) * 1e9));
      const again = { accountId, kind: 'top_up', amount: nano, idempotencyKey: key, now: 0 } as const;
      equal(reference.credit(again), 'duplicate', `${key} of ${accountId} was acknowledged and is not in the books`);
    }
  }

  /** A payment, or one from before again: its webhook comes as often as it likes. */
  #pay(gateway: Gateway, accountId: string, number: number): void {
    const repeated = this.#payments.length > 0 && this.#random.next() < 0.4;
    const payment = repeated
      ? this.#random.pick(this.#payments)
      : { accountId, key: `payment ${number}`, amount: this.#random.pick(['0.006', '0.012']) };
    if (!repeated) this.#payments.push(payment);
    const { key: idempotencyKey, ...rest } = payment;
    this.#try(gateway.credits.topUp({ ...rest, idempotencyKey }).then(() => this.#acknowledged.add(idempotencyKey)));
  }

  #try(work: Promise<unknown>): void {
    work.catch(() => {});
  }
}
