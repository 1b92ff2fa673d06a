import type { Principal } from './principal.js';
import type { RunParts } from './run-parts.js';

/** True when tools of providers have to be looked at, for which the body is kept. */
export function hasToolRules(principal: Principal): boolean {
  // Allowances refuse nothing, but are held: uses of tools count in the hold.
  const { allowances } = principal.plan;
  return (
    isBounded(principal) ||
    allowances.length > 0 ||
    (principal.plan.tools !== undefined && principal.plan.tools !== '*')
  );
}

/** True for principals whose use must be paid for: on prepaid plans, and everybody with a budget. */
export function isBounded({ plan, budget, account, catalog }: Principal): boolean {
  return plan.prepaid || budget !== undefined || account.budget !== undefined || catalog.budgets.length > 0;
}

/** True when what is left of a request's tools may run. */
export function mayRunProviderTools({
  parts,
  principal,
}: {
  readonly parts: Pick<RunParts, 'tools'>;
  readonly principal: Principal;
}): boolean {
  return parts.tools !== undefined || !hasToolRules(principal);
}
