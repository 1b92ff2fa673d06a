import type { ChatRequest, ReasoningEffort } from '../../openai-api/chat-request.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { ThinkingConfig } from './api.js';
import type { GeminiFamily } from './families.js';

/** Tokens per effort. Source: ai.google.dev, "OpenAI compatibility", section "Thinking". */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};

const LEVELS = { low: 'LOW', medium: 'MEDIUM', high: 'HIGH', xhigh: 'HIGH', max: 'HIGH' } as const;

/**
 * `reasoning_effort` as a thinking level (Gemini 3) or budget (2.5). Without it nothing is sent: the model's default.
 *
 * With an effort other than `none` the summaries of the thoughts are asked for as well; they become
 * `reasoning_content`. `none` goes as far down as the model allows, since not every model can stop thinking.
 */
export function toThinking(
  { reasoning_effort: effort }: ChatRequest,
  family: GeminiFamily,
  unsupported: UnsupportedParams,
): ThinkingConfig | undefined {
  if (effort === undefined) return undefined;
  if (family.thinking === 'none') {
    if (effort !== 'none') unsupported.drop('reasoning_effort');
    return undefined;
  }
  const least = family.leastThinking;
  if (family.thinking === 'budget') {
    if (effort === 'none') return { thinkingBudget: typeof least === 'number' ? least : 0 };
    return { thinkingBudget: BUDGETS[effort], includeThoughts: true };
  }
  const lowest = typeof least === 'string' ? least : 'LOW';
  if (effort === 'none') return { thinkingLevel: lowest };
  return { thinkingLevel: effort === 'minimal' ? lowest : levelOf(effort, family), includeThoughts: true };
}

/** A level that the model does not have is the next higher one. */
function levelOf(effort: keyof typeof LEVELS, { levels }: GeminiFamily): NonNullable<ThinkingConfig['thinkingLevel']> {
  const level = LEVELS[effort];
  return levels === undefined || levels.includes(level) ? level : 'HIGH';
}
