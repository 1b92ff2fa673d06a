import { formatUsd, type NanoUsd } from '../../lib/money.js';
import { StringMap } from '../../lib/string-map.js';
import { checkHold, checkSettlement } from '../../meter/checks.js';
import {
  balanceNotices,
  chargesOf,
  decideCharge,
  decideHold,
  type NoticeDraft,
  shareNotices,
} from '../../meter/decisions.js';
import type {
  BudgetWindow,
  Draw,
  ExpireOptions,
  HoldId,
  HoldRequest,
  HoldResult,
  Holds,
  Settlement,
  SettleResult,
} from '../../meter/holds.js';
import type { OpenHoldRecord } from '../../meter/meter.js';
import type { AccountMoney } from './account-money.js';
import type { MemoryLedger } from './memory-ledger.js';
import type { MemoryNotices } from './memory-notices.js';
import type { MemoryUsageLog } from './memory-usage-log.js';
import type { RequestMemory } from './request-memory.js';

interface OpenHold {
  readonly accountId: string;
  readonly held: NanoUsd;
  readonly draw: Draw;
  readonly budgets: readonly BudgetWindow[] | undefined;
  expiresAt: number;
}

/** The holds of a memory meter. Nothing awaits between a check and its write, which makes every method atomic. */
export class MemoryHolds implements Holds {
  readonly #open = new StringMap<OpenHold>();
  readonly #ledger: MemoryLedger;
  readonly #log: MemoryUsageLog;
  readonly #ended: RequestMemory;
  readonly #notices: MemoryNotices;

  constructor(ledger: MemoryLedger, log: MemoryUsageLog, ended: RequestMemory, notices: MemoryNotices) {
    this.#ledger = ledger;
    this.#log = log;
    this.#ended = ended;
    this.#notices = notices;
  }

  reserve(request: HoldRequest): HoldResult {
    checkHold(request);
    const { id, accountId, budgets, expiresAt } = request;
    if (this.#open.has(id) || this.#ended.get(id) !== undefined) return { ok: false, reason: 'duplicate' };
    const money = this.#ledger.account(accountId);
    const decision = decideHold(request, money.standing(request, request.now));
    if (!decision.ok) {
      if (decision.reason === 'balance' && request.notifyEmpty) this.#tellEmpty(request, money, decision.available);
      return decision;
    }
    const { held, draw } = decision;
    money.hold(draw, 1n);
    if (budgets) for (const budget of budgets) money.budget(budget).held += held;
    this.#open.set(id, { accountId, held, draw, budgets, expiresAt });
    return { ok: true, held };
  }

  settle(settlement: Settlement): SettleResult {
    checkSettlement(settlement);
    const { id, accountId, cost, budgets, at, thresholds } = settlement;
    const hold = this.#open.get(id);
    if (!hold && this.#isSettled(id)) return { recorded: false };
    const position = this.#log.record(settlement);
    const money = this.#ledger.account(accountId);
    const before = money.balance;
    const draw = decideCharge(cost, settlement, hold?.draw, () => money.standing(settlement, at));
    if (hold) this.#release(id, hold);
    money.use(draw);
    this.#ledger.charge(money, draw, position);
    if (draw.balance !== cost) {
      const charged = chargesOf(draw);
      if (charged) this.#log.setCharged(position, charged);
    }
    if (budgets) for (const budget of budgets) money.budget(budget).spent += cost;
    this.#ended.set(id, position);
    if (thresholds) this.#notices.addAll(accountId, id, at, crossings(settlement, money, draw, before));
    return { recorded: true };
  }

  release({ id, accountId }: HoldId): void {
    const hold = this.#open.get(id);
    if (hold?.accountId !== accountId) return;
    this.#release(id, hold);
    this.#ended.set(id, 'released');
  }

  extend(holds: readonly HoldId[], expiresAt: number): void {
    for (const { id, accountId } of holds) {
      const hold = this.#open.get(id);
      if (hold?.accountId === accountId) hold.expiresAt = expiresAt;
    }
  }

  expire(now: number, { grantsExpiringMs }: ExpireOptions = {}): number {
    let expired = 0;
    for (const [id, hold] of this.#open.entries()) {
      if (hold.expiresAt >= now) continue;
      this.#release(id, hold);
      this.#ended.set(id, 'expired');
      expired++;
    }
    this.#ledger.expireGrants(now, grantsExpiringMs);
    return expired;
  }

  openHoldsOf(accountId: string): OpenHoldRecord[] {
    return [...this.#open.entries()]
      .filter(([, hold]) => hold.accountId === accountId)
      .map(([id, { held, draw, budgets = [], expiresAt }]) => ({
        id,
        accountId,
        held,
        ...draw,
        budgets: budgets.map(({ subject, window }) => ({ subject, window })),
        expiresAt,
      }));
  }

  #tellEmpty({ id, accountId, now }: HoldRequest, money: AccountMoney, available: NanoUsd): void {
    if (money.empty) return;
    money.empty = true;
    const data = {
      balance: formatUsd(money.balance),
      available: formatUsd(available > 0n ? available : 0n),
      requestId: id,
    };
    this.#notices.addAll(accountId, id, now, [{ type: 'balance.empty', data }]);
  }

  /** Never true of a request whose hold is open. */
  #isSettled(id: string): boolean {
    const end = this.#ended.get(id);
    return end !== undefined && end !== 'expired';
  }

  #release(id: string, { accountId, held, draw, budgets }: OpenHold): void {
    this.#open.delete(id);
    const money = this.#ledger.account(accountId);
    money.hold(draw, -1n);
    if (budgets) for (const budget of budgets) money.budget(budget).held -= held;
  }
}

/** What a charge crossed, in the order in which every store reports it: budgets, allowances, balance. */
function crossings(settlement: Settlement, money: AccountMoney, draw: Draw, balanceBefore: NanoUsd): NoticeDraft[] {
  const { cost, budgets = [], thresholds = {} } = settlement;
  const ofBudgets = budgets.flatMap((budget) => {
    const { subject, window, limit } = budget;
    const after = money.budget(budget).spent;
    return shareNotices('budget.reached', { before: after - cost, after }, limit, thresholds.budget, {
      subject,
      window,
    });
  });
  const ofAllowances = draw.windows.flatMap((window) => {
    const after = money.window(window)?.used ?? 0n;
    const crossing = { before: after - draw.allowance, after };
    const data = { allowance: window.id, resetsAt: new Date(window.endsAt).toISOString() };
    return shareNotices('allowance.reached', crossing, window.limit, thresholds.allowance, data);
  });
  const ofBalance =
    draw.balance > 0n ? balanceNotices({ before: balanceBefore, after: money.balance }, thresholds) : [];
  return [...ofBudgets, ...ofAllowances, ...ofBalance];
}
