import type { MessageParam, MessagesRequest, ThinkingParam } from '../../../anthropic-api/messages-request.js';
import type { UnsupportedParams } from '../../unsupported-params.js';
import type { ClaudeFamily } from '../families.js';
import { lacksThinking } from './own-messages.js';

const MIN_BUDGET = 1_024;

/** Budgets for models that know no adaptive thinking, by effort. */
const BUDGETS: Readonly<Record<string, number>> = { low: 2_048, medium: 10_000, high: 16_384, xhigh: 32_768 };

/**
 * `thinking` as the model takes it: agents send adaptive thinking and their own limits to any model. What can't be kept
 * is reported.
 *
 * @param maxTokens the limit that is sent: a budget must be below it.
 * Source: Anthropic docs, extended thinking, adaptive thinking.
 */
export function relayedThinking(
  request: MessagesRequest,
  messages: readonly MessageParam[],
  family: ClaudeFamily,
  maxTokens: number,
  unsupported: UnsupportedParams,
): ThinkingParam | undefined {
  const { thinking } = request;
  if (!thinking || (thinking.type !== 'enabled' && thinking.type !== 'adaptive')) return thinking;
  const { display } = thinking;
  if (thinking.type === 'adaptive') {
    if (!family.known || family.thinking === 'adaptive' || family.thinking === 'both') return thinking;
    unsupported.drop('thinking');
    const effort = request.output_config?.effort ?? 'high';
    const budget = family.thinking === 'none' ? 0 : (BUDGETS[effort] ?? BUDGETS['xhigh'] ?? 0);
    return budgetWithin(budget, maxTokens, messages);
  }
  if (family.known && family.thinking === 'adaptive') {
    unsupported.drop('thinking.budget_tokens');
    return { type: 'adaptive', ...(display && { display }) };
  }
  const budget = thinking.budget_tokens ?? MIN_BUDGET;
  if (family.known && family.thinking === 'none') {
    unsupported.drop('thinking');
    return undefined;
  }
  if (lacksThinking(messages) || maxTokens <= MIN_BUDGET) {
    unsupported.drop('thinking');
    return undefined;
  }
  if (budget < maxTokens) return thinking;
  unsupported.drop('thinking.budget_tokens');
  return { ...thinking, budget_tokens: maxTokens - 1 };
}

function budgetWithin(budget: number, maxTokens: number, messages: readonly MessageParam[]): ThinkingParam | undefined {
  if (budget === 0 || maxTokens <= MIN_BUDGET || lacksThinking(messages)) return undefined;
  return { type: 'enabled', budget_tokens: Math.min(budget, maxTokens - 1) };
}

/** `output_config` without an effort that the model does not know; a lower one takes its place where there is one. */
export function relayedOutputConfig(
  { output_config: config }: MessagesRequest,
  family: ClaudeFamily,
  unsupported: UnsupportedParams,
): MessagesRequest['output_config'] {
  if (!config) return config;
  const { effort, ...rest } = config;
  if (!effort || !family.known || family.efforts.some((known) => known === effort)) return config;
  unsupported.drop('output_config.effort');
  const lower = family.efforts.length > 0 ? (effort === 'xhigh' || effort === 'max' ? 'high' : effort) : undefined;
  const kept = { ...rest, ...(lower && { effort: lower }) };
  return Object.keys(kept).length > 0 ? kept : undefined;
}
