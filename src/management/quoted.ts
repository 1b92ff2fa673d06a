import { formatUsd, type NanoUsd } from '../lib/money.js';
import { allowanceRoom, availableOf, decideHold, type Standing } from '../meter/decisions.js';
import type { PaymentTerms } from '../meter/meter.js';
import { paymentTerms } from '../pipeline/payment.js';
import type { WantedHold } from '../pipeline/reserve.js';
import type { Run } from '../pipeline/run-state.js';
import type { Runtime } from '../pipeline/runtime.js';

/** What a request would cost; amounts are decimal strings in USD. */
export interface Quote {
  /** The most that it can cost: what would be held for it. */
  readonly most: string;
  /** False: it would be refused for lack of funds. */
  readonly affordable: boolean;
  /** What this request could draw now; null on a metered plan without a budget, which refuses nothing. */
  readonly available: string | null;
}

/**
 * What becomes of a hold if it is asked for now, without making it.
 *
 * @param wanted undefined for a request that costs nothing.
 */
export async function quoted(run: Run, wanted: WantedHold | undefined): Promise<Quote> {
  const { requestId, principal, resolution, runtime } = run;
  const now = runtime.now();
  const terms = paymentTerms(principal, resolution.model.id, principal.catalog.budgets, now);
  const standing = await standingOf(principal.account.id, terms, runtime, now);
  const available = leftOf(terms, standing);
  const shown = available === undefined ? null : formatUsd(available > 0n ? available : 0n);
  if (!wanted) return { most: '0', affordable: true, available: shown };
  const { amount, minimum } = wanted;
  const hold = { ...terms, id: requestId, accountId: principal.account.id, keyId: null };
  const { ok } = decideHold({ ...hold, amount, minimum, now, expiresAt: now }, standing);
  return { most: formatUsd(amount), affordable: ok, available: shown };
}

/** What the sources and budgets of a request have, as a hold would find it. */
async function standingOf(
  accountId: string,
  { allowances = [], budgets = [] }: PaymentTerms,
  { meter }: Runtime,
  now: number,
): Promise<Standing> {
  const funds = (await meter.funds?.(accountId, now)) ?? {
    ...(await meter.balance(accountId)),
    grants: [],
    allowances: [],
  };
  const used = await Promise.all(
    budgets.map(async ({ subject, window }) => meter.budget?.(accountId, subject, window)),
  );
  return {
    balance: funds.balance - funds.held,
    grants: funds.grants.map(({ id, left }) => ({ id, amount: left })),
    allowances: allowances.map((asked) => {
      const running = funds.allowances.find(({ id }) => id === asked.id);
      return allowanceRoom(asked, running, now);
    }),
    budgets: budgets.map(({ subject, limit }, i) => ({
      subject,
      left: limit - (used[i]?.spent ?? 0n) - (used[i]?.held ?? 0n),
    })),
  };
}

/** The least of what the sources have and the budgets leave; undefined where nothing bounds the request. */
function leftOf(terms: PaymentTerms, standing: Standing): NanoUsd | undefined {
  const bounds = standing.budgets.map(({ left }) => left);
  if (terms.prepaid) bounds.push(availableOf(terms, standing));
  return bounds.reduce<NanoUsd | undefined>(
    (least, left) => (least === undefined || left < least ? left : least),
    undefined,
  );
}
