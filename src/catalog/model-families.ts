import type { ReasoningEffort } from '../openai/chat-request.js';

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
}

/** Facts about Gemini models. */
export interface GeminiFamily {
  readonly pattern: RegExp;
  readonly maxOutputTokens: number;
  /** How thinking is set: a level, a token budget, or not at all. */
  readonly thinking: 'none' | 'budget' | 'level';
}
