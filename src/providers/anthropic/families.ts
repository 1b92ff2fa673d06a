import { remembered } from '../../lib/remembered.js';
import type { ReasoningEffort } from '../../openai-api/chat-request.js';

/**
 * Facts about Claude models, where they decide the translation of a request. One table, read top to bottom: the first
 * family whose pattern matches the upstream model id counts.
 *
 * Sources: Anthropic docs, "Models overview", "Adaptive thinking", "Extended thinking", "Effort", "Structured outputs",
 * and the migration guides of Claude 4.6, 4.7 and 5.
 */
export interface ClaudeFamily {
  /** As the docs call them. */
  readonly models: string;
  readonly pattern: RegExp;
  /** Output limit in tokens; sent as `max_tokens` when neither client nor operator set one. */
  readonly maxOutputTokens: number;
  /** Native structured output (`output_config.format`); else a forced tool stands in. */
  readonly structuredOutput: boolean;
  /** `adaptive`: effort only. `both`: effort or budget. `budget`: `budget_tokens`. */
  readonly thinking: 'none' | 'budget' | 'both' | 'adaptive';
  /** Effort levels for `output_config.effort`; empty: not supported. */
  readonly efforts: readonly ReasoningEffort[];
  /** `all`; `exclusive`: temperature or top_p, not both; `none`: both are refused. */
  readonly sampling: 'all' | 'exclusive' | 'none';
  /** False where a conversation must end with the user. Source: migration guide of Claude 4.6, prefill. */
  readonly prefill: boolean;
  /** True where thinking can't be turned off. Source: migration guide of Claude 5, Fable and Mythos. */
  readonly alwaysThinks: boolean;
  /** False where a forced tool choice is refused even without thinking. */
  readonly forcedTools: boolean;
  /** False for rows that only guess: limits are then sent but not enforced. */
  readonly known: boolean;
}

const CLAUDE_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

const NEWEST_CLAUDE = {
  structuredOutput: true,
  thinking: 'adaptive',
  efforts: CLAUDE_EFFORTS,
  sampling: 'none',
  prefill: false,
  alwaysThinks: false,
  forcedTools: true,
  known: true,
} as const;

const CLAUDE_4_6 = {
  ...NEWEST_CLAUDE,
  thinking: 'both',
  efforts: ['low', 'medium', 'high', 'max'],
  sampling: 'exclusive',
} as const;

const CLAUDE_4_5 = { ...CLAUDE_4_6, thinking: 'budget', efforts: [], prefill: true } as const;

const CLAUDE_4 = { ...CLAUDE_4_5, structuredOutput: false, sampling: 'all' } as const;

const CLAUDE_3 = { ...CLAUDE_4, thinking: 'none' } as const;

/** Always thinking, and so without a forced tool. */
const FABLE = { ...NEWEST_CLAUDE, alwaysThinks: true, forcedTools: false } as const;

/** Names are written `claude-opus-4-6` by Anthropic, `claude-opus-4.6` by resellers. Source: Anthropic docs, models. */
export const CLAUDE_FAMILIES: readonly ClaudeFamily[] = [
  { models: 'Fable 5, Mythos 5', pattern: /(?:fable|mythos)-5/, maxOutputTokens: 128_000, ...FABLE },
  { models: 'Opus 5, Sonnet 5', pattern: /(?:opus|sonnet)-5/, maxOutputTokens: 128_000, ...NEWEST_CLAUDE },
  { models: 'Opus 4.7 and 4.8', pattern: /opus-4[-.][78](?!\d)/, maxOutputTokens: 128_000, ...NEWEST_CLAUDE },
  { models: 'Opus 4.6, Sonnet 4.6', pattern: /(?:opus|sonnet)-4[-.]6(?!\d)/, maxOutputTokens: 128_000, ...CLAUDE_4_6 },
  {
    models: 'Opus, Sonnet and Haiku 4.5',
    pattern: /(?:opus|sonnet|haiku)-4[-.]5(?!\d)/,
    maxOutputTokens: 64_000,
    ...CLAUDE_4_5,
  },
  { models: 'Opus 4.1', pattern: /opus-4[-.]1(?!\d)/, maxOutputTokens: 32_000, ...CLAUDE_4_5 },
  {
    models: 'Opus 4',
    pattern: /opus-4(?:[-.@]0(?!\d)|[-.@]20\d{6}|(?![-.]?\d))/,
    maxOutputTokens: 32_000,
    ...CLAUDE_4,
  },
  {
    models: 'Sonnet 4',
    pattern: /sonnet-4(?:[-.@]0(?!\d)|[-.@]20\d{6}|(?![-.]?\d))/,
    maxOutputTokens: 64_000,
    ...CLAUDE_4,
  },
  { models: 'Claude 3.7', pattern: /claude-3[-.]7/, maxOutputTokens: 64_000, ...CLAUDE_4 },
  { models: 'Claude 3.5', pattern: /claude-3[-.]5/, maxOutputTokens: 8_192, ...CLAUDE_3 },
  { models: 'Claude 3 and older', pattern: /claude-(?:3|2|instant)(?!\d)/, maxOutputTokens: 4_096, ...CLAUDE_3 },
  // Newer than this table: like the newest of its kind.
  {
    models: 'newer Fable and Mythos',
    pattern: /claude-(?:fable|mythos)/,
    maxOutputTokens: 64_000,
    ...FABLE,
    known: false,
  },
  { models: 'newer Claude models', pattern: /claude/, maxOutputTokens: 64_000, ...NEWEST_CLAUDE, known: false },
];

/** Other models behind an API that copies Anthropic's. */
const NO_CLAUDE: ClaudeFamily = {
  models: 'others',
  pattern: /(?:)/,
  maxOutputTokens: 8_192,
  ...CLAUDE_4,
  known: false,
};

/** What a Claude model can do, by its upstream id. An unknown Claude counts as new, anything else as old. */
export const claudeFamily = remembered((model): ClaudeFamily => {
  const id = model.toLowerCase();
  return CLAUDE_FAMILIES.find(({ pattern }) => pattern.test(id)) ?? NO_CLAUDE;
});
