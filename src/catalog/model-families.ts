import type { ReasoningEffort } from '../openai-api/chat-request.js';

/**
 * What a family of models can do, where it decides the translation of a request. One table, read top to bottom: the
 * first family whose pattern matches the upstream model id counts; the last entry of each provider is its default.
 *
 * Sources: reference pages of the providers' APIs; a row says where it departs from them.
 */

/** Facts about Claude models. */
export interface ClaudeFamily {
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
  forcedTools: true,
  known: true,
} as const;

const CLAUDE_4_6 = {
  ...NEWEST_CLAUDE,
  thinking: 'both',
  efforts: ['low', 'medium', 'high', 'max'],
  sampling: 'exclusive',
} as const;

const CLAUDE_4_5 = { ...CLAUDE_4_6, thinking: 'budget', efforts: [] } as const;

const CLAUDE_4 = { ...CLAUDE_4_5, structuredOutput: false, sampling: 'all' } as const;

const CLAUDE_3 = { ...CLAUDE_4, thinking: 'none' } as const;

/** Names are written `claude-opus-4-6` by Anthropic, `claude-opus-4.6` by resellers. Source: Anthropic docs, models. */
const CLAUDE_FAMILIES: readonly ClaudeFamily[] = [
  { pattern: /(?:fable|mythos)-5/, maxOutputTokens: 128_000, ...NEWEST_CLAUDE, forcedTools: false },
  { pattern: /(?:opus|sonnet)-5/, maxOutputTokens: 128_000, ...NEWEST_CLAUDE },
  { pattern: /opus-4[-.][78](?!\d)/, maxOutputTokens: 128_000, ...NEWEST_CLAUDE },
  { pattern: /(?:opus|sonnet)-4[-.]6(?!\d)/, maxOutputTokens: 128_000, ...CLAUDE_4_6 },
  { pattern: /(?:opus|sonnet|haiku)-4[-.]5(?!\d)/, maxOutputTokens: 64_000, ...CLAUDE_4_5 },
  { pattern: /opus-4[-.]1(?!\d)/, maxOutputTokens: 32_000, ...CLAUDE_4_5 },
  { pattern: /opus-4(?:[-.@]0(?!\d)|[-.@]20\d{6}|(?![-.]?\d))/, maxOutputTokens: 32_000, ...CLAUDE_4 },
  { pattern: /sonnet-4(?:[-.@]0(?!\d)|[-.@]20\d{6}|(?![-.]?\d))/, maxOutputTokens: 64_000, ...CLAUDE_4 },
  { pattern: /claude-3[-.]7/, maxOutputTokens: 64_000, ...CLAUDE_4 },
  { pattern: /claude-3[-.]5/, maxOutputTokens: 8_192, ...CLAUDE_3 },
  { pattern: /claude-(?:3|2|instant)(?!\d)/, maxOutputTokens: 4_096, ...CLAUDE_3 },
  { pattern: /claude/, maxOutputTokens: 64_000, ...NEWEST_CLAUDE, known: false },
];

/** Other models behind an API that copies Anthropic's. */
const NO_CLAUDE: ClaudeFamily = { pattern: /(?:)/, maxOutputTokens: 8_192, ...CLAUDE_4, known: false };

/** What a Claude model can do, by its upstream id. An unknown Claude counts as new, anything else as old. */
export function claudeFamily(model: string): ClaudeFamily {
  return CLAUDE_FAMILIES.find(({ pattern }) => pattern.test(model.toLowerCase())) ?? NO_CLAUDE;
}

/** Facts about Gemini models. */
export interface GeminiFamily {
  readonly pattern: RegExp;
  readonly maxOutputTokens: number;
  /** How thinking is set: a level, a token budget, or not at all. */
  readonly thinking: 'none' | 'budget' | 'level';
  /** What turns thinking off, or as far down as it goes: a level or a budget in tokens. */
  readonly leastThinking?: 'MINIMAL' | 'LOW' | number;
  /** `presencePenalty` and `frequencyPenalty` are accepted. */
  readonly penalties: boolean;
  /** JSON output and function declarations may stand in one request. */
  readonly jsonWithTools: boolean;
  /** `systemInstruction` is accepted; else its text goes before the first user text. */
  readonly systemInstruction: boolean;
}

const GEMINI_3 = {
  maxOutputTokens: 65_536,
  thinking: 'level',
  leastThinking: 'MINIMAL',
  penalties: false,
  jsonWithTools: true,
  systemInstruction: true,
} as const;

const GEMINI_2_5 = {
  maxOutputTokens: 65_536,
  thinking: 'budget',
  leastThinking: 0,
  penalties: false,
  jsonWithTools: false,
  systemInstruction: true,
} as const;

const OLDER = {
  maxOutputTokens: 8_192,
  thinking: 'none',
  penalties: true,
  jsonWithTools: false,
  systemInstruction: true,
} as const;

/**
 * Sources: ai.google.dev, pages "Thinking" and "Models". Penalties: models from 2.5 on refuse them with "Penalty is not
 * enabled for this model" (google-gemini/cookbook, issue 1290).
 */
const GEMINI_FAMILIES: readonly [GeminiFamily, ...GeminiFamily[]] = [
  { pattern: /^gemma-[1-3]/, ...OLDER, penalties: false, systemInstruction: false },
  { pattern: /^gemma/, ...OLDER, penalties: false, systemInstruction: false, maxOutputTokens: 32_768 },
  { pattern: /^gemini-[12]\.0|^gemini-1\.5|^gemini-pro(-vision)?$|^gemini-exp/, ...OLDER },
  { pattern: /^gemini-2\.5-.*(image|tts)/, ...GEMINI_2_5, thinking: 'none', maxOutputTokens: 32_768 },
  { pattern: /^gemini-2\.5-pro/, ...GEMINI_2_5, leastThinking: 128 },
  { pattern: /^gemini-2\.5/, ...GEMINI_2_5 },
  { pattern: /^gemini-3(\.1)?-pro|^gemini-3\.7-flash|^gemini-pro-latest/, ...GEMINI_3, leastThinking: 'LOW' },
  { pattern: /^gemini-/, ...GEMINI_3 },
  { pattern: /(?:)/, ...OLDER, maxOutputTokens: Number.MAX_SAFE_INTEGER },
];

/** The family of a Gemini model id, with or without the path before it (`models/`, `publishers/google/models/`); ids of no known family get the last row. */
export function geminiFamily(model: string): GeminiFamily {
  const id = model.replace(/^(?:.*\/)?models\//, '');
  return GEMINI_FAMILIES.find((family) => family.pattern.test(id)) ?? GEMINI_FAMILIES[0];
}
