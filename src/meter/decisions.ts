import { fitsInBalance, formatUsd, type NanoUsd } from '../lib/money.js';
import type { AllowanceWindow, Draw, GrantPart, HoldRefusal, HoldRequest, PaymentTerms } from './holds.js';
import type { Credit, LedgerEntry, PromoCodeRecord, RedeemRefusal } from './ledger.js';
import type { AllowanceRecord } from './meter.js';
import type { Notice, Thresholds } from './notices.js';
import type { Charge } from './usage-log.js';

/**
 * What a step decides, without any storage: a store reads the standing of an account under a lock, asks these functions,
 * and writes what they say. The functions of PostgreSQL decide the same in their own language, for one round trip; the
 * published suite and model hold the two together.
 */

/** What an account can draw on at one instant. */
export interface Standing {
  /** Balance less what is held of it. */
  readonly balance: NanoUsd;
  /** What is neither used nor held of grants that have not expired, in the order in which they are drawn on. */
  readonly grants: readonly GrantPart[];
  /** The running window of each allowance that was asked for, and its room. */
  readonly allowances: readonly AllowanceRoom[];
  /** The room of each budget that was asked for. */
  readonly budgets: readonly { readonly subject: string; readonly left: NanoUsd }[];
}

export interface AllowanceRoom {
  readonly window: AllowanceWindow;
  readonly left: NanoUsd;
}

/**
 * The room of an allowance at an instant.
 *
 * @param running its window that runs then; undefined: the one that was asked for begins. One that has ended by then,
 * because its request ends after it, has no room.
 */
export function allowanceRoom(
  asked: AllowanceWindow,
  running: Omit<AllowanceRecord, 'id'> | undefined,
  now: number,
): AllowanceRoom {
  if (!running) return { window: asked, left: asked.endsAt > now ? asked.limit : 0n };
  const { startsAt, endsAt, used, held } = running;
  const window = startsAt === asked.startsAt && endsAt === asked.endsAt ? asked : { ...asked, startsAt, endsAt };
  return { window, left: asked.limit - used - held };
}

export const NOTHING: Draw = Object.freeze({ allowance: 0n, windows: [], grants: [], balance: 0n });

export type HoldDecision = { readonly ok: true; readonly held: NanoUsd; readonly draw: Draw } | HoldRefusal;

/** What is held for a request, and from where; or why nothing is. */
export function decideHold(request: HoldRequest, standing: Standing): HoldDecision {
  const { amount, minimum } = request;
  let held = amount;
  if (request.prepaid) {
    const refused = request.overflow === 'refuse' ? refusedByAllowances(request, standing) : undefined;
    if (refused) return refused;
    // If the allowances cover everything, nothing else is looked at.
    const room = roomOf(standing.allowances);
    if (room === 0n || room < amount) {
      const available = availableOf(request, standing);
      if (available < minimum) return { ok: false, reason: 'balance', available };
      held = least(held, available);
    }
  }
  for (const { subject, left } of standing.budgets) {
    if (left < minimum) return { ok: false, reason: 'budget', available: left, subject };
    held = least(held, left);
  }
  return { ok: true, held, draw: drawOf(held, request, standing) };
}

function refusedByAllowances({ minimum }: HoldRequest, { allowances }: Standing): HoldRefusal | undefined {
  const available = roomOf(allowances);
  if (available >= minimum && allowances.length > 0) return undefined;
  const full = allowances.filter(({ left }) => left < minimum).map(({ window }) => window.endsAt);
  return { ok: false, reason: 'allowance', available, ...(full.length > 0 && { resetsAt: Math.max(...full) }) };
}

/** What one request could draw now. A balance below zero takes nothing away from the other sources. */
export function availableOf(terms: PaymentTerms, standing: Standing): NanoUsd {
  const room = roomOf(standing.allowances);
  if (terms.overflow === 'refuse') return room;
  const others = standing.grants.reduce((sum, { amount }) => sum + amount, room);
  const own = standing.balance + (terms.creditLimit ?? 0n);
  return others > 0n ? others + (own > 0n ? own : 0n) : own;
}

/** The smallest room of all allowances; 0 without allowances. */
function roomOf(allowances: readonly AllowanceRoom[]): NanoUsd {
  let room: NanoUsd | undefined;
  for (const { left } of allowances) room = room === undefined || left < room ? left : room;
  return room === undefined || room < 0n ? 0n : room;
}

function drawOf(held: NanoUsd, terms: PaymentTerms, standing: Standing): Draw {
  const allowance = least(held, roomOf(standing.allowances));
  const windows = allowance > 0n ? standing.allowances.map(({ window }) => window) : [];
  if (!terms.prepaid) return allowance > 0n ? { ...NOTHING, allowance, windows } : NOTHING;
  const rest = held - allowance;
  const grants = terms.overflow === 'refuse' || rest === 0n ? NOTHING.grants : partsOf(rest, standing.grants);
  return { allowance, windows, grants, balance: held - allowance - sumOf(grants) };
}

/** What `amount` takes from each grant, in order. */
function partsOf(amount: NanoUsd, grants: readonly GrantPart[]): GrantPart[] {
  const parts: GrantPart[] = [];
  let rest = amount;
  for (const { id, amount: left } of grants) {
    if (rest <= 0n) break;
    const part = least(rest, left);
    if (part > 0n) parts.push({ id, amount: part });
    rest -= part;
  }
  return parts;
}

/**
 * Where the cost of a request is taken from: what was held for it, in the order of the sources; what is beyond it, or was
 * not held any more, from the sources as they stand, and the last of it from the balance. On metered plans only
 * allowances are drawn on.
 *
 * @param held what the open hold of the request took, if there is one.
 * @param standing as it is while that hold still counts as held; only asked for what the hold does not cover.
 */
export function decideCharge(
  cost: NanoUsd,
  terms: PaymentTerms,
  held: Draw | undefined,
  standing: () => Pick<Standing, 'allowances' | 'grants'>,
): Draw {
  const covered = held ? within(cost, held) : NOTHING;
  const rest = cost - covered.allowance - sumOf(covered.grants) - covered.balance;
  if (rest === 0n) return covered;
  const { allowances, grants } = standing();
  const room = held && held.allowance > 0n && !sameWindows(held.windows, allowances) ? [] : allowances;
  const more = drawOf(rest, terms, { balance: 0n, budgets: [], allowances: room, grants });
  return {
    allowance: covered.allowance + more.allowance,
    windows: covered.allowance > 0n ? covered.windows : more.windows,
    grants: mergeParts(covered.grants, more.grants),
    balance: covered.balance + more.balance,
  };
}

/** The part of a draw that pays `cost`, in the order of the sources. */
function within(cost: NanoUsd, draw: Draw): Draw {
  if (draw.allowance === 0n && draw.grants.length === 0) return { ...NOTHING, balance: least(cost, draw.balance) };
  const allowance = least(cost, draw.allowance);
  const grants = partsOf(cost - allowance, draw.grants);
  const balance = least(cost - allowance - sumOf(grants), draw.balance);
  return { allowance, windows: allowance > 0n ? draw.windows : [], grants, balance };
}

function sameWindows(held: readonly AllowanceWindow[], running: readonly AllowanceRoom[]): boolean {
  const ends = new Map(running.map(({ window }) => [window.id, window.endsAt]));
  return held.length === running.length && held.every(({ id, endsAt }) => ends.get(id) === endsAt);
}

function mergeParts(one: readonly GrantPart[], other: readonly GrantPart[]): GrantPart[] {
  const amounts = new Map<string, NanoUsd>();
  for (const { id, amount } of [...one, ...other]) amounts.set(id, (amounts.get(id) ?? 0n) + amount);
  return [...amounts].map(([id, amount]) => ({ id, amount }));
}

/** A draw as an event keeps it; undefined when nothing was charged. */
export function chargesOf({ allowance, windows, grants, balance }: Draw): Charge[] | undefined {
  const charges: Charge[] = [];
  if (allowance > 0n)
    charges.push({
      source: 'allowance',
      amount: allowance,
      windows: windows.map(({ id, endsAt }) => ({ id, endsAt })),
    });
  for (const { id, amount } of grants) charges.push({ source: 'grant', id, amount });
  if (balance > 0n) charges.push({ source: 'balance', amount: balance });
  return charges.length > 0 ? charges : undefined;
}

/** What becomes of a top-up or an adjustment. @param earlier the movement that the idempotency key was used for. */
export function decideCredit(
  { kind, amount, allowNegative }: Pick<Credit, 'kind' | 'amount' | 'allowNegative'>,
  earlier: Pick<LedgerEntry, 'kind' | 'amount'> | undefined,
  { balance, held }: { readonly balance: NanoUsd; readonly held: NanoUsd },
): 'added' | 'duplicate' | 'conflict' | 'insufficient' | 'too_large' {
  if (earlier !== undefined) return earlier.amount === amount && earlier.kind === kind ? 'duplicate' : 'conflict';
  if (amount < 0n && !allowNegative && balance - held + amount < 0n) return 'insufficient';
  return fitsInBalance(balance + amount) ? 'added' : 'too_large';
}

/** True for a grant that has expired. */
export function hasExpired(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** Why a code can't be redeemed; undefined when it can. */
export function refusedRedemption(
  promo: PromoCodeRecord | undefined,
  account: { readonly hasRedeemed: boolean; readonly isNew: () => boolean; readonly balance: NanoUsd },
  now: number,
): RedeemRefusal | undefined {
  if (promo === undefined) return 'unknown';
  if (account.hasRedeemed) return 'already_used';
  if (promo.disabledAt !== undefined) return 'disabled';
  if (promo.expiresAt !== undefined && now >= promo.expiresAt) return 'expired';
  if (promo.maxRedemptions !== undefined && promo.redemptions >= promo.maxRedemptions) return 'exhausted';
  if (promo.newAccountsOnly && !account.isNew()) return 'not_new';
  const toBalance = promo.creditExpiresAfterMs === undefined;
  return toBalance && !fitsInBalance(account.balance + promo.amount) ? 'too_large' : undefined;
}

/** A count that a charge moved, for its thresholds. */
export interface Crossing {
  readonly before: NanoUsd;
  readonly after: NanoUsd;
}

/** Notices of a charge, but for their ids. */
export type NoticeDraft = Pick<Notice, 'type' | 'data'>;

/** The notice of each threshold that a falling balance reached. */
export function balanceNotices({ before, after }: Crossing, { balance = [] }: Thresholds): NoticeDraft[] {
  return balance
    .filter((threshold) => before > threshold && after <= threshold)
    .map((threshold) => ({
      type: 'balance.low',
      data: { threshold: formatUsd(threshold), balance: formatUsd(after) },
    }));
}

/** The notice of each share of a limit that a growing sum reached. */
export function shareNotices(
  type: 'budget.reached' | 'allowance.reached',
  { before, after }: Crossing,
  limit: NanoUsd,
  shares: readonly number[] = [],
  data: Readonly<Record<string, unknown>>,
): NoticeDraft[] {
  const reaches = (sum: NanoUsd, share: number) => sum * 1_000_000n >= limit * BigInt(share);
  return shares
    .filter((share) => !reaches(before, share) && reaches(after, share))
    .map((share) => ({
      type,
      data: { ...data, threshold: share / 1_000_000, limit: formatUsd(limit), spent: formatUsd(after) },
    }));
}

/** The id of the n-th notice of a step: the same whichever process delivers it. */
export function noticeId(reference: string, index: number): string {
  return `evt_${reference}_${index}`;
}

export function sumOf(parts: readonly { readonly amount: NanoUsd }[]): NanoUsd {
  let sum = 0n;
  for (const { amount } of parts) sum += amount;
  return sum;
}

function least(one: NanoUsd, other: NanoUsd): NanoUsd {
  return one < other ? one : other;
}
