import { loadedLate } from '../lib/loaded-late.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { unitRate } from '../meter/price.js';
import { isObject } from '../openai-api/field-checks.js';
import type { ToolRules } from './provider-tools.js';
import { rereadWith } from './reread.js';
import type { Run } from './run-state.js';
import { hasToolRules, isBounded } from './tool-rules.js';

const policeTools = loadedLate(async () => (await import('./beyond-text.js')).policeTools);

/**
 * Between stages 4 and 5: the tools that a provider runs and bills by the call. They run only if the plan allows them
 * and every target prices them. Where the plan does not say, all of them run on metered plans without a budget, and
 * none on others.
 *
 * @throws {GatewayError} `unsupported_parameter` for a request that asks for such a tool by itself.
 */
export function allowTools(run: Run): MaybePromise<void> {
  const { principal, operation } = run;
  // A request that is all text has no tools but the client's own.
  if (operation.sentSize === undefined || !hasToolRules(principal)) return;
  const body = run.body?.value;
  if (!isObject(body)) return;
  return andThen(policeTools(body, operation.route, rulesOf(run)), ({ body: changed, dropped, uses }) => {
    run.parts.tools = { dropped, uses };
    if (changed) return andThen(rereadWith(run, changed), () => {});
  });
}

function rulesOf({ principal, resolution, runtime }: Run): ToolRules {
  const { tools, maxToolUses } = principal.plan;
  const bounded = isBounded(principal);
  const isPriced = (unit: string) =>
    resolution.targets.every(({ price }) => unitRate(price.base.rates, unit) !== undefined);
  const isAllowed = (unit: string) => (tools === undefined ? !bounded : tools === '*' || tools.has(unit));
  return {
    allows: (unit) => isAllowed(unit) && (!bounded || isPriced(unit)),
    maxUses: maxToolUses ?? runtime.settings.maxToolUses,
    unsupported: runtime.settings.unsupported,
  };
}
