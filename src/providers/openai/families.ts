import { remembered } from '../../lib/remembered.js';
import type { ReasoningEffort } from '../../openai-api/chat-request.js';

/** Facts about OpenAI's models, where they decide what a request may hold. */
export interface OpenAIFamily {
  /** As the docs call them. */
  readonly models: string;
  readonly pattern: RegExp;
  readonly maxOutputTokens: number;
  /** Levels of `reasoning_effort`; empty: the model does not reason and refuses the field. */
  readonly efforts: readonly ReasoningEffort[];
  /** The level at which it reasons when none is asked for. */
  readonly defaultEffort?: ReasoningEffort;
  /** Fields that it refuses whatever the effort, unless they ask for nothing. */
  readonly refuses: readonly string[];
  /** Fields that it takes only while it does not reason. */
  readonly refusesThinking: readonly string[];
  /** True where an output limit may be called `max_tokens`. Source: the OpenAI API reference, `max_tokens`. */
  readonly maxTokens: boolean;
  /** Levels of `verbosity` other than `medium`. */
  readonly verbosity: boolean;
  /**
   * Function tools on chat: with any effort; only where no effort is asked for; only with the effort `none`, asked for or
   * not. On responses they go with any effort.
   */
  readonly functions: 'any-effort' | 'no-effort-asked' | 'effort-none';
}

const SAMPLING = ['temperature', 'top_p', 'logprobs', 'top_logprobs'] as const;
const PENALTIES = ['frequency_penalty', 'presence_penalty', 'logit_bias', 'prediction'] as const;

const PLAIN = {
  efforts: [],
  refuses: [],
  refusesThinking: [],
  maxTokens: true,
  verbosity: false,
  functions: 'any-effort',
} as const;

/** Models that search with each request take nothing that shapes single words. */
const SEARCHING = { ...PLAIN, refuses: [...SAMPLING, ...PENALTIES, 'seed'] } as const;

const GPT_5 = {
  efforts: ['minimal', 'low', 'medium', 'high'],
  defaultEffort: 'medium',
  refuses: [...SAMPLING, ...PENALTIES, 'stop'],
  refusesThinking: [],
  maxTokens: false,
  verbosity: true,
  functions: 'any-effort',
} as const;

const GPT_5_1 = {
  ...GPT_5,
  efforts: ['none', 'low', 'medium', 'high'],
  defaultEffort: 'none',
  refuses: [...PENALTIES, 'stop'],
  refusesThinking: SAMPLING,
} as const;

const GPT_5_2 = { ...GPT_5_1, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] } as const;
const GPT_5_4 = { ...GPT_5_2, functions: 'no-effort-asked' } as const;
const GPT_5_5 = { ...GPT_5_4, defaultEffort: 'medium' } as const;
const GPT_5_6 = {
  ...GPT_5_5,
  efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'],
  functions: 'effort-none',
} as const;
const GPT_6 = {
  ...GPT_5,
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  refuses: [...GPT_5.refuses, 'prompt_cache_retention'],
} as const;
/** The models of GPT-6 that can do without reasoning. */
const GPT_6_CONFIGURABLE = {
  ...GPT_6,
  efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'],
  refuses: [...PENALTIES, 'stop', 'prompt_cache_retention'],
  refusesThinking: SAMPLING,
} as const;

const CODEX = { ...GPT_5, efforts: ['low', 'medium', 'high'], verbosity: false } as const;
const PRO = { ...GPT_5, efforts: ['medium', 'high', 'xhigh'], defaultEffort: 'medium' } as const;
/** One call at a time. */
const O_SERIES = {
  ...GPT_5,
  efforts: ['low', 'medium', 'high'],
  refuses: [...SAMPLING, ...PENALTIES, 'parallel_tool_calls'],
  verbosity: false,
} as const;

/**
 * One table, read top to bottom: the first family whose pattern matches the id counts; patterns match the id without a
 * reseller's prefix. Names that are newer than the table get the rules of the newest family that they resemble.
 *
 * Sources: OpenAI docs, "Models", "Reasoning models", "Using GPT-5.1" to "Using GPT-5.5" (parameter compatibility), and what
 * the API says when it refuses a value ("Supported values are: …"), as reported in anomalyco/opencode pull 26268 (efforts by
 * model), openai/codex issue 6647 (codex), Laisky/one-api issues 266 and 285 (chat models), vercel/ai issue 10932 and
 * `openai-model-catalog.ts` (sampling without reasoning; GPT-5.6 and 6; functions on chat).
 */
export const OPENAI_FAMILIES: readonly OpenAIFamily[] = [
  {
    models: 'GPT-4o and 5, search',
    pattern: /^gpt-(?:4o(?:-mini)?|5(?:\.\d+)?)-search/,
    maxOutputTokens: 16_384,
    ...SEARCHING,
  },
  // What ChatGPT itself uses: with one level of effort from GPT-5.1 to 5.2, without reasoning before and after.
  {
    models: 'GPT-5.1 and 5.2 Chat',
    pattern: /^gpt-5\.[12]-chat/,
    maxOutputTokens: 16_384,
    ...GPT_5,
    efforts: ['medium'],
    verbosity: false,
  },
  { models: 'ChatGPT, GPT Chat', pattern: /^(?:chatgpt-|gpt-\d+(?:\.\d+)?-chat)/, maxOutputTokens: 16_384, ...PLAIN },
  {
    models: 'GPT-5 Pro',
    pattern: /^gpt-5-pro/,
    maxOutputTokens: 272_000,
    ...PRO,
    efforts: ['high'],
    defaultEffort: 'high',
  },
  { models: 'GPT-5.2 Pro and newer', pattern: /^gpt-\d+(?:\.\d+)?-pro/, maxOutputTokens: 128_000, ...PRO },
  {
    models: 'GPT-5 and 5.1 Codex',
    pattern: /^gpt-5-codex|^gpt-5\.1-codex(?!-max)|^codex-mini/,
    maxOutputTokens: 100_000,
    ...CODEX,
  },
  {
    models: 'GPT-5.1 Codex Max, GPT-5.2 Codex',
    pattern: /^gpt-5\.1-codex-max|^gpt-5\.2-codex/,
    maxOutputTokens: 128_000,
    ...CODEX,
    efforts: ['low', 'medium', 'high', 'xhigh'],
  },
  {
    models: 'GPT-5.3 Codex and newer',
    pattern: /^gpt-\d+(?:\.\d+)?-codex/,
    maxOutputTokens: 128_000,
    ...CODEX,
    efforts: GPT_5_2.efforts,
  },
  { models: 'GPT-5.1', pattern: /^gpt-5\.1(?!\d)/, maxOutputTokens: 128_000, ...GPT_5_1 },
  { models: 'GPT-5.2 and 5.3', pattern: /^gpt-5\.[23](?!\d)/, maxOutputTokens: 128_000, ...GPT_5_2 },
  { models: 'GPT-5.4', pattern: /^gpt-5\.4(?!\d)/, maxOutputTokens: 128_000, ...GPT_5_4 },
  { models: 'GPT-5.5', pattern: /^gpt-5\.5(?!\d)/, maxOutputTokens: 128_000, ...GPT_5_5 },
  { models: 'GPT-5.6 and newer', pattern: /^gpt-5\.\d/, maxOutputTokens: 128_000, ...GPT_5_6 },
  { models: 'GPT-5', pattern: /^gpt-5(?!\d)/, maxOutputTokens: 128_000, ...GPT_5 },
  {
    models: 'GPT-6 Sol, GPT-6 Luna, GPT-6.1 Terra',
    pattern: /^gpt-6-(?:sol|luna)|^gpt-6\.1-terra/,
    maxOutputTokens: 128_000,
    ...GPT_6_CONFIGURABLE,
  },
  { models: 'GPT-6 and newer', pattern: /^gpt-(?:[6-9]|\d\d)(?!\d)/, maxOutputTokens: 128_000, ...GPT_6 },
  { models: 'o1 Mini, o1 Preview', pattern: /^o1-(?:mini|preview)/, maxOutputTokens: 32_768, ...O_SERIES, efforts: [] },
  {
    models: 'Deep Research',
    pattern: /^o\d+(?:-mini)?-deep-research/,
    maxOutputTokens: 100_000,
    ...O_SERIES,
    efforts: ['medium'],
  },
  { models: 'o1, o3 Mini', pattern: /^o1|^o3-mini/, maxOutputTokens: 100_000, ...O_SERIES },
  {
    models: 'o3 and newer',
    pattern: /^o\d/,
    maxOutputTokens: 100_000,
    ...O_SERIES,
    refuses: [...O_SERIES.refuses, 'stop'],
  },
  { models: 'GPT-4.1', pattern: /^gpt-4\.\d/, maxOutputTokens: 32_768, ...PLAIN },
  { models: 'GPT-4o of May 2024', pattern: /^gpt-4o-2024-05-13/, maxOutputTokens: 4_096, ...PLAIN },
  { models: 'GPT-4o', pattern: /^gpt-4o/, maxOutputTokens: 16_384, ...PLAIN },
  { models: 'GPT-4 Turbo, GPT-3.5', pattern: /^gpt-(?:4-turbo|3\.5)/, maxOutputTokens: 4_096, ...PLAIN },
  { models: 'GPT-4', pattern: /^gpt-4(?!\d)/, maxOutputTokens: 8_192, ...PLAIN },
];

/** What a model of OpenAI's can do, by its upstream id; undefined for models of others and unknown ones. */
export const openaiFamily = remembered((model): OpenAIFamily | undefined => {
  const id = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return OPENAI_FAMILIES.find(({ pattern }) => pattern.test(id));
});
