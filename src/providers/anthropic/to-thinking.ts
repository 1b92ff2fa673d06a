import type { ChatRequest, ReasoningEffort } from '../../openai-api/chat-request.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import { isObject, type Thinking, type Turn } from './api.js';
import type { ClaudeFamily } from './families.js';
import { isThinkingBlock } from './to-assistant.js';

/** Thinking tokens for models that take a budget instead of an effort; Anthropic's minimum is 1,024. */
const BUDGETS: Record<Exclude<ReasoningEffort, 'none'>, number> = {
  minimal: 1_024,
  low: 2_048,
  medium: 10_000,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};
const MIN_BUDGET = 1_024;
/** The part of the output limit that thinking may take, so that some is left for the answer. */
const MAX_SHARE = 0.8;

export interface ThinkingPlan {
  /** Absent: the field is left out. */
  readonly thinking?: Thinking;
  /** True when the client set it in Anthropic's own form. */
  readonly isNative?: boolean;
  readonly effort?: string;
}

export interface ThinkingContext {
  readonly family: ClaudeFamily;
  readonly maxTokens: number;
  readonly turns: readonly Turn[];
  /** A forced tool stands in for structured output; it can't be had together with thinking. */
  readonly forcesJsonTool: boolean;
}

/**
 * `reasoning_effort` in the words of the model's family; a native `thinking` object, from the request or from
 * `provider_options`, takes its place. Source: Anthropic docs, adaptive thinking, extended thinking, effort.
 */
export function toThinking(
  request: ChatRequest,
  context: ThinkingContext,
  unsupported: UnsupportedParams,
): ThinkingPlan {
  const native = nativeThinking(request);
  if (native !== undefined) return { ...fitting(native, request, context, unsupported), isNative: true };
  const { reasoning_effort: effort } = request;
  if (effort === undefined) return {};
  const { thinking, alwaysThinks } = context.family;
  if (effort === 'none' && alwaysThinks) {
    unsupported.drop('reasoning_effort');
    return { effort: 'low' };
  }
  if (effort === 'none')
    return thinking === 'adaptive' || thinking === 'both' ? { thinking: { type: 'disabled' } } : {};
  if (thinking === 'adaptive' || thinking === 'both') return adaptive(effort, context.family);
  const budget = thinking === 'budget' ? budgetFor(effort, context) : undefined;
  if (budget !== undefined) return { thinking: { type: 'enabled', budget_tokens: budget } };
  unsupported.drop('reasoning_effort');
  return {};
}

/** True when the model will think, so that sampling and forced tools are not available. */
export function isThinking(plan: ThinkingPlan): boolean {
  return plan.thinking !== undefined && plan.thinking.type !== 'disabled';
}

/** The client's own setting, as far as the model takes it in this conversation; what it does not take is reported. */
function fitting(
  native: Thinking,
  { reasoning_effort: wanted }: ChatRequest,
  context: ThinkingContext,
  unsupported: UnsupportedParams,
): ThinkingPlan {
  const { thinking, alwaysThinks } = context.family;
  const effort = wanted === undefined || wanted === 'none' ? 'medium' : wanted;
  const plan = wanted === undefined || wanted === 'none' ? {} : effortOf(wanted, context.family);
  switch (native.type) {
    case 'disabled':
      if (!alwaysThinks) return thinking === 'none' ? {} : { thinking: native };
      unsupported.drop('thinking');
      return { effort: 'low' };
    case 'adaptive': {
      if (thinking === 'adaptive' || thinking === 'both' || !context.family.known) return { thinking: native, ...plan };
      const budget = thinking === 'budget' ? budgetFor(effort, context) : undefined;
      unsupported.drop('thinking');
      return budget === undefined ? {} : { thinking: { type: 'enabled', budget_tokens: budget } };
    }
    case 'enabled': {
      if (thinking === 'adaptive') {
        unsupported.drop('thinking.budget_tokens');
        return { thinking: adaptive(effort, context.family).thinking as Thinking, ...plan };
      }
      const most = thinking === 'none' ? undefined : budgetFor('max', { ...context, forcesJsonTool: false });
      if (most === undefined) {
        unsupported.drop('thinking');
        return {};
      }
      if (!(Number(native.budget_tokens) >= context.maxTokens)) return { thinking: native };
      unsupported.drop('thinking.budget_tokens');
      return { thinking: { ...native, budget_tokens: most } };
    }
    default:
      return { thinking: native };
  }
}

function nativeThinking(request: ChatRequest): Thinking | undefined {
  const thinking = request.provider_options?.anthropic?.['thinking'] ?? request['thinking'];
  return isObject(thinking) && typeof thinking['type'] === 'string' ? (thinking as unknown as Thinking) : undefined;
}

function adaptive(effort: Exclude<ReasoningEffort, 'none'>, family: ClaudeFamily): ThinkingPlan {
  // Models that only know adaptive thinking keep its text to themselves unless they are asked for it.
  const display = family.thinking === 'adaptive' ? ({ display: 'summarized' } as const) : {};
  return { thinking: { type: 'adaptive', ...display }, ...effortOf(effort, family) };
}

/** The nearest level that the model has. */
function effortOf(effort: Exclude<ReasoningEffort, 'none'>, family: ClaudeFamily): Pick<ThinkingPlan, 'effort'> {
  const wanted = effort === 'minimal' ? 'low' : effort;
  const level = family.efforts.includes(wanted) ? wanted : wanted === 'xhigh' ? 'max' : 'high';
  return family.efforts.includes(level) ? { effort: level } : {};
}

/** Undefined where the request can't be served with a budget: too small a limit, or a turn that would be refused. */
function budgetFor(effort: Exclude<ReasoningEffort, 'none'>, context: ThinkingContext): number | undefined {
  const { maxTokens, turns, forcesJsonTool } = context;
  if (forcesJsonTool || maxTokens <= MIN_BUDGET || lacksThinking(turns)) return undefined;
  return Math.min(BUDGETS[effort], Math.max(MIN_BUDGET, Math.floor(maxTokens * MAX_SHARE)));
}

/**
 * Anthropic refuses a budget when the last assistant turn is a prefill, or called tools without showing its thinking
 * (as clients do that forget unknown fields).
 */
function lacksThinking(turns: readonly Turn[]): boolean {
  if (turns.at(-1)?.role === 'assistant') return true;
  const content = turns.findLast((turn) => turn.role === 'assistant')?.content ?? [];
  const calledTools = content.some((block) => block.type === 'tool_use');
  return calledTools && !isThinkingBlock(content[0]);
}
