import type { LimitField } from '../openai/to-request.js';

/**
 * Where reasoning of an earlier turn goes when it is sent back.
 *
 * `learned`: under the names that this endpoint used in its own answers, so nowhere before the first of them.
 * `thinking`: as a part of the content. `none`: nowhere.
 */
export type ReasoningPlace = 'learned' | 'reasoning' | 'reasoning_content' | 'reasoning_details' | 'thinking' | 'none';

/** The roles that messages have once they are translated. */
export type NativeRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** How an API that copies OpenAI's differs from it: one table, read by one translator. */
export interface CompatibleFacts {
  /** The name in logs, and the key under `provider_options`. */
  readonly name: string;
  /** Up to and including the version; undefined: the operator must say it. */
  readonly baseURL?: string;
  /** The field for an output limit. */
  readonly limitField: LimitField;
  /** Request fields of the published schema, by their native names; undefined: whatever the client sent is passed on. */
  readonly fields?: ReadonlySet<string>;
  /** Fields of the schema that a model refuses nevertheless. */
  readonly refuses?: (model: string) => readonly string[];
  /** True where `logprobs` is a number of candidates and there is no `top_logprobs`. */
  readonly countsLogprobs?: boolean;
  /** True where `stop` must be a list. */
  readonly stopList?: boolean;
  /** Native names of fields that mean the same. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Whether `stream_options` exist; where they don't, usage comes unasked. */
  readonly streamOptions: 'taken' | 'unneeded' | 'refused';
  /** Message fields of the published schema, besides `role` and `content`; undefined: any that is not another provider's. */
  readonly messageFields?: Readonly<Record<NativeRole, readonly string[]>>;
  /** Types of content parts, by role; a role without a list takes text alone as a string. Undefined: any part. */
  readonly parts?: Partial<Readonly<Record<NativeRole, readonly string[]>>>;
  /** True where the role `developer` exists. */
  readonly developer: boolean;
  readonly reasoning: ReasoningPlace;
  /** True where a tool call without its reasoning is refused, so that it is remembered for clients that lose it. */
  readonly remembersReasoning: boolean;
  /**
   * The text that stands in for lost reasoning in conversations with tool calls: another model made the call, or it was
   * made without thinking.
   */
  readonly lostReasoning?: string;
  /** The native effort for one of OpenAI's; undefined: left out. Absent: passed on as it is. */
  readonly effort?: (effort: string, model: string) => string | undefined;
  /** Types of tools that the provider runs itself and takes on chat; absent: whatever the plan allows. */
  readonly providerTools?: readonly string[];
  /** Further fields of a request that ask for such tools; sent only where they may run. */
  readonly toolFields?: readonly string[];
  /** What turns reasoning off, where it is not an effort. */
  readonly noReasoning?: Readonly<Record<string, unknown>>;
  /** Ids of tool calls that are accepted; absent: any. */
  readonly callIds?: RegExp;
  /** True where a last message of the assistant must say that it is to be continued. */
  readonly prefix?: boolean;
  /** True where functions must have `parameters`. */
  readonly needsParameters?: boolean;
  /** False where output can be asked to be JSON, but not to fit a schema. */
  readonly jsonSchema: boolean;
  /** True where parts may carry `cache_control`. */
  readonly cacheControl?: boolean;
  /** The field of `usage` with what the provider charges, and how many of its units are one USD. */
  readonly reportedCost?: { readonly field: string; readonly unitsPerUsd: number };
  /** Which routes there are besides chat. */
  readonly routes: { readonly embeddings: boolean; readonly completions: boolean; readonly responses: boolean };
}

/** An API that copies OpenAI's, without further known facts. */
export const UNKNOWN: CompatibleFacts = {
  name: 'openai-compatible',
  limitField: 'max_tokens',
  streamOptions: 'taken',
  developer: false,
  reasoning: 'learned',
  remembersReasoning: true,
  jsonSchema: true,
  routes: { embeddings: true, completions: true, responses: false },
};

/** The fields of a request that most copies of the API have. */
export const COMMON_FIELDS = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'n',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'user',
] as const;

/** The fields of messages that most copies have. */
export const COMMON_MESSAGE_FIELDS: Readonly<Record<NativeRole, readonly string[]>> = {
  system: ['name'],
  developer: ['name'],
  user: ['name'],
  assistant: ['name', 'tool_calls'],
  tool: ['tool_call_id'],
};
