import type { NanoUsd } from '../../lib/money.js';
import { StringMap } from '../../lib/string-map.js';
import type {
  AccountAudit,
  BudgetWindow,
  HoldRequest,
  HoldResult,
  Holds,
  Settlement,
  SettleResult,
} from '../../meter/meter.js';
import type { EventTable } from './event-table.js';
import type { MemoryLedger } from './memory-ledger.js';
import type { MemoryUsageLog } from './memory-usage-log.js';
import type { RequestMemory } from './request-memory.js';

interface OpenHold {
  readonly accountId: string;
  readonly keyId: string;
  readonly prepaid: boolean;
  readonly held: NanoUsd;
  readonly window: string | undefined;
  expiresAt: number;
}

interface BudgetState {
  spent: NanoUsd;
  held: NanoUsd;
}

/** The holds of a memory meter, and the budgets they count against. */
export class MemoryHolds implements Holds {
  readonly #open = new StringMap<OpenHold>();
  /** By key, then by window. */
  readonly #budgets = new Map<string, Map<string, BudgetState>>();
  readonly #ledger: MemoryLedger;
  readonly #log: MemoryUsageLog;
  readonly #ended: RequestMemory;
  readonly #table: EventTable;

  constructor(ledger: MemoryLedger, log: MemoryUsageLog, ended: RequestMemory, table: EventTable) {
    this.#table = table;
    this.#ledger = ledger;
    this.#log = log;
    this.#ended = ended;
  }

  reserve(request: HoldRequest): HoldResult {
    const { id, accountId, prepaid, amount, minimum, budget, expiresAt } = request;
    const keyId = request.keyId ?? '';
    if (minimum < 0n || minimum > amount) throw new RangeError(`not a hold of ${minimum} to ${amount} nano-USD`);
    if (this.#open.has(id) || this.#ended.get(id) !== undefined) return { ok: false, reason: 'duplicate' };
    let held = amount;
    if (prepaid) {
      const available = this.#ledger.available(accountId);
      if (available < minimum) return { ok: false, reason: 'balance', available };
      if (available < held) held = available;
    }
    if (budget) {
      const available = this.#left(keyId, budget);
      if (available < minimum) return { ok: false, reason: 'budget', available };
      if (available < held) held = available;
      this.#budget(keyId, budget.window).held += held;
    }
    if (prepaid) this.#ledger.hold(accountId, held);
    this.#open.set(id, { accountId, keyId, prepaid, held, window: budget?.window, expiresAt });
    return { ok: true, held };
  }

  settle(settlement: Settlement): SettleResult {
    const { id, accountId, cost, prepaid, budget } = settlement;
    const keyId = settlement.keyId ?? '';
    if (cost < 0n) throw new RangeError(`a charge can't be negative: ${cost}`);
    if (!this.#giveBack(id) && this.#isSettled(id)) return { recorded: false };
    const position = this.#log.record(settlement);
    if (prepaid) this.#ledger.charge(accountId, cost, position);
    if (budget) this.#budget(keyId, budget.window).spent += cost;
    this.#ended.set(id, position);
    return { recorded: true };
  }

  release(id: string): void {
    if (this.#giveBack(id)) this.#ended.set(id, 'released');
  }

  extend(ids: readonly string[], expiresAt: number): void {
    for (const id of ids) {
      const hold = this.#open.get(id);
      if (hold) hold.expiresAt = expiresAt;
    }
  }

  expire(now: number): number {
    let expired = 0;
    for (const [id, hold] of this.#open.entries()) {
      if (hold.expiresAt >= now) continue;
      this.#giveBack(id);
      this.#ended.set(id, 'expired');
      expired++;
    }
    return expired;
  }

  audit(accountId: string): AccountAudit {
    const openHolds = [];
    const keys = new Set<string>();
    for (const [id, hold] of this.#open.entries()) {
      if (hold.accountId !== accountId) continue;
      const { window, ...rest } = hold;
      openHolds.push({ id, ...rest, ...(window !== undefined && { window }) });
      keys.add(hold.keyId);
    }
    const settled: string[] = [];
    for (const [id, end] of this.#ended.entries())
      if (typeof end === 'number' && this.#table.kind(end).accountId === accountId) settled.push(id);
    for (const { keyId } of this.#log.usage({ accountId, groupBy: ['key'] })) if (keyId !== undefined) keys.add(keyId);
    const budgets = [...keys].flatMap((keyId) =>
      [...(this.#budgets.get(keyId) ?? [])].map(([window, state]) => ({ keyId, window, ...state })),
    );
    return { openHolds, settled, budgets };
  }

  /** Never true of a request whose hold is open. */
  #isSettled(id: string): boolean {
    const end = this.#ended.get(id);
    return end !== undefined && end !== 'expired';
  }

  /** Ends an open hold; false when there is none. */
  #giveBack(id: string): boolean {
    const hold = this.#open.get(id);
    if (!hold) return false;
    this.#open.delete(id);
    if (hold.prepaid) this.#ledger.hold(hold.accountId, -hold.held);
    if (hold.window !== undefined) this.#budget(hold.keyId, hold.window).held -= hold.held;
    return true;
  }

  #left(keyId: string, { window, limit }: BudgetWindow): NanoUsd {
    const state = this.#budgets.get(keyId)?.get(window);
    return state ? limit - state.spent - state.held : limit;
  }

  #budget(keyId: string, window: string): BudgetState {
    let windows = this.#budgets.get(keyId);
    if (!windows) {
      windows = new Map();
      this.#budgets.set(keyId, windows);
    }
    let state = windows.get(window);
    if (!state) {
      state = { spent: 0n, held: 0n };
      windows.set(window, state);
    }
    return state;
  }
}
