import type { AllowanceRule, BudgetRule, Plan } from '../catalog/catalog.js';
import type { BudgetSubject } from '../catalog/catalog-options.js';
import type { AllowanceWindow, BudgetWindow, PaymentTerms } from '../meter/holds.js';
import { type BudgetPeriod, budgetWindowAt, windowAt } from '../meter/windows.js';
import type { Principal } from './principal.js';

/** How a request is paid for: sources by its plan, and every budget that matches it. */
export function paymentTerms(
  principal: Principal,
  modelId: string,
  rules: readonly BudgetRule[],
  now: number,
): PaymentTerms {
  const { plan } = principal;
  const allowances = allowancesOf(plan, modelId, principal.account.planSince ?? principal.account.createdAt, now);
  const budgets = budgetsOf(principal, rules, now);
  if (allowances === undefined && budgets === undefined && plan.creditLimit === 0n)
    return plan.prepaid ? PREPAID : METERED;
  return {
    prepaid: plan.prepaid,
    ...(plan.creditLimit > 0n && { creditLimit: plan.creditLimit }),
    ...(allowances && { allowances }),
    ...(plan.overflow === 'refuse' && { overflow: plan.overflow }),
    ...(budgets && { budgets }),
  };
}

const PREPAID: PaymentTerms = Object.freeze({ prepaid: true });
const METERED: PaymentTerms = Object.freeze({ prepaid: false });

/**
 * The terms of a request that ends at `now`. What it held stays in the windows in which it began; what it costs beyond
 * that is drawn on those that run by then.
 */
export function termsAt(terms: PaymentTerms, principal: Principal, modelId: string, now: number): PaymentTerms {
  if (!terms.allowances?.some(({ endsAt }) => endsAt <= now)) return terms;
  const { plan, account } = principal;
  const allowances = allowancesOf(plan, modelId, account.planSince ?? account.createdAt, now);
  return { ...terms, ...(allowances && { allowances }) };
}

/** The windows of the plan's allowances that match a model; undefined for a plan without allowances. */
export function allowancesOf(
  plan: Plan,
  modelId: string,
  anchor: number,
  now: number,
): readonly AllowanceWindow[] | undefined {
  if (plan.allowances.length === 0) return undefined;
  return plan.allowances.filter((rule) => matches(rule, modelId)).map((rule) => allowanceWindow(rule, anchor, now));
}

/** The window of an allowance that begins, or has begun, at an instant where the account has no window that runs. */
export function allowanceWindow(
  { id, limit, per, anchored }: AllowanceRule,
  anchor: number,
  now: number,
): AllowanceWindow {
  return { id, limit, ...windowAt(per, now, anchored ? anchor : undefined) };
}

function matches({ models }: AllowanceRule, modelId: string): boolean {
  return models === undefined || models.some((pattern) => pattern.test(modelId));
}

function budgetsOf(principal: Principal, rules: readonly BudgetRule[], now: number): BudgetWindow[] | undefined {
  const { budget, account } = principal;
  if (budget === undefined && account.budget === undefined && rules.length === 0) return undefined;
  const windows = new Map<string, BudgetWindow>();
  const add = (subject: string, limit: bigint, period: BudgetPeriod) => {
    const window = budgetWindowAt(period, now);
    const key = `${window}\n${subject}`;
    const known = windows.get(key);
    if (known === undefined || limit < known.limit) windows.set(key, { subject, window, limit });
  };
  if (budget) add(principal.budgetSubject, BigInt(budget.amount), budget.period);
  if (account.budget) add('account', BigInt(account.budget.amount), account.budget.period);
  for (const { subject, limit, period } of rules) {
    const value = subjectOf(subject, principal);
    if (value !== undefined) add(value, limit, period);
  }
  return windows.size > 0 ? [...windows.values()] : undefined;
}

/** The subject of a rule as the meter names it; undefined for a request without one. */
function subjectOf(subject: BudgetSubject, { endUser, session, tags }: Principal): string | undefined {
  if (subject === 'account') return subject;
  if (subject === 'endUser') return endUser === undefined ? undefined : `endUser:${endUser}`;
  if (subject === 'session') return session === undefined ? undefined : `session:${session}`;
  const name = subject.slice('tag:'.length);
  return Object.hasOwn(tags, name) ? `tag:${name}:${tags[name]}` : undefined;
}
