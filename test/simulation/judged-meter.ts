import { deepEqual, equal } from 'node:assert/strict';
import type { FullMeter, Funds, HoldRequest, Settlement } from '../../src/meter/meter.js';
import { windowPot } from '../../src/testing/reference-account.js';
import { compareBudgets, compareCharges, compareFunds } from '../../src/testing/reference-comparison.js';
import { ReferenceMeter } from '../../src/testing/reference-meter.js';

/**
 * Applies each step to the meter under test and to the reference of its contract, and compares answer, sources, budgets
 * and split.
 */
export class JudgedMeter {
  readonly reference = new ReferenceMeter();
  /** The requests that ever held something or were charged. */
  readonly seen = new Set<string>();
  readonly #meter: FullMeter;

  constructor(meter: FullMeter) {
    this.#meter = meter;
  }

  /**
   * Applies one call; answers as the meter does.
   *
   * @throws an AssertionError when the two differ.
   */
  async apply(name: keyof FullMeter, args: readonly unknown[]): Promise<unknown> {
    const method = this.#meter[name] as (...args: readonly unknown[]) => unknown;
    const answer = await method(...args);
    await this.#judge(name, args[0], args[1], answer);
    return answer;
  }

  async #judge(name: keyof FullMeter, input: unknown, options: unknown, answer: unknown): Promise<void> {
    const { reference } = this;
    if (name === 'reserve') {
      const request = input as HoldRequest;
      deepEqual(answer, reference.reserve(request));
      this.seen.add(request.id);
      await this.#compare(request.accountId, request.now, request.budgets);
    } else if (name === 'settle') {
      const settlement = input as Settlement;
      const { id, accountId } = settlement;
      equal((answer as { recorded: boolean }).recorded, reference.settle(settlement), `settling ${id}`);
      this.seen.add(id);
      const [event] = await this.#meter.events({ accountId, id }, { limit: 1 });
      compareCharges(event?.charged, reference.chargesOf(id));
      await this.#compare(accountId, settlement.at, settlement.budgets);
    } else if (name === 'release') {
      const { id, accountId } = input as HoldRequest;
      const hold = reference.open.get(id)?.request;
      reference.release(id);
      await this.#compare(accountId, hold?.now ?? 0, hold?.budgets);
    } else if (name === 'extend') {
      const ids = (input as readonly { id: string }[]).map(({ id }) => id);
      reference.extend(ids, options as number);
    } else if (name === 'expire') {
      const { grantsExpiringMs } = (options ?? {}) as { grantsExpiringMs?: number };
      equal(answer, reference.expire(input as number, grantsExpiringMs));
    } else await this.#judgeCredit(name, input, answer);
  }

  async #judgeCredit(name: keyof FullMeter, input: unknown, answer: unknown): Promise<void> {
    const { reference } = this;
    const result = answer as { ok: boolean; duplicate?: boolean; reason?: string; entry?: { sourceId?: string } };
    const said = result?.ok ? (result.duplicate ? 'duplicate' : 'added') : result?.reason;
    const id = result?.entry?.sourceId ?? '';
    if (name === 'createPromoCode') reference.createPromoCode(input as Parameters<FullMeter['createPromoCode']>[0]);
    else if (name === 'credit') equal(said, reference.credit(input as Parameters<FullMeter['credit']>[0]));
    else if (name === 'grant') equal(said, reference.grant(input as Parameters<FullMeter['grant']>[0], id));
    else if (name === 'redeem') equal(said, reference.redeem(input as Parameters<FullMeter['redeem']>[0], id));
    else if (name === 'refund') {
      const { entries } = answer as { entries?: readonly { source: string; amount: bigint }[] };
      const given = entries?.map(({ source, amount }) => `${source} ${amount}`) ?? result.reason;
      deepEqual(given, reference.refund(input as Parameters<FullMeter['refund']>[0]));
    }
    const { accountId, now } = (input ?? {}) as { accountId?: string; now?: number };
    if (accountId !== undefined && now !== undefined) await this.#compare(accountId, now);
  }

  async #compare(accountId: string, now: number, budgets?: HoldRequest['budgets']): Promise<void> {
    const funds = await this.#meter.funds(accountId, now);
    if (!this.#looksRight(funds, accountId, now)) compareFunds(funds, this.reference, accountId, now);
    await compareBudgets(this.#meter, this.reference, accountId, budgets);
  }

  /** The same comparison without a word about what is wrong: it runs a million times. */
  #looksRight(funds: Funds, accountId: string, now: number): boolean {
    const account = this.reference.account(accountId);
    const grants = account.openGrants(now);
    const windows = account.runningWindows(now);
    return (
      funds.balance === account.balance &&
      funds.held === account.pot('balance').held &&
      funds.grants.length === grants.length &&
      grants.every(
        (grant, i) => funds.grants[i]?.id === grant.id && funds.grants[i]?.left === account.grantLeft(grant),
      ) &&
      funds.allowances.length === windows.length &&
      windows.every((window) => {
        const { used, held } = account.pot(windowPot(window));
        return funds.allowances.some((one) => one.id === window.id && one.used === used && one.held === held);
      })
    );
  }
}
