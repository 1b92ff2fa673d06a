import { remembered } from '../../lib/remembered.js';
import type { ReasoningEffort } from '../../openai-api/chat-request.js';

/** Facts about OpenAI's models. */
export interface OpenAIFamily {
  readonly pattern: RegExp;
  readonly maxOutputTokens: number;
  /** Levels of `reasoning_effort`; empty: the model does not reason and refuses the field. */
  readonly efforts: readonly ReasoningEffort[];
}

/**
 * Reasoning models take neither `temperature` nor `stop`. Source: OpenAI docs, models, reasoning guide; patterns match the
 * id without a reseller's prefix.
 */
const OPENAI_FAMILIES: readonly OpenAIFamily[] = [
  { pattern: /^(?:chatgpt-|gpt-5(?:\.\d+)?-chat)/, maxOutputTokens: 16_384, efforts: [] },
  {
    pattern: /^gpt-(?:5\.[2-9]|[6-9]|5\.1-codex-max)/,
    maxOutputTokens: 128_000,
    efforts: ['none', 'low', 'medium', 'high', 'xhigh'],
  },
  { pattern: /^gpt-5\.1/, maxOutputTokens: 128_000, efforts: ['none', 'low', 'medium', 'high'] },
  { pattern: /^gpt-5-codex|^codex-mini/, maxOutputTokens: 100_000, efforts: ['low', 'medium', 'high'] },
  { pattern: /^gpt-5/, maxOutputTokens: 128_000, efforts: ['minimal', 'low', 'medium', 'high'] },
  { pattern: /^o1-(?:mini|preview)/, maxOutputTokens: 32_768, efforts: [] },
  { pattern: /^o\d/, maxOutputTokens: 100_000, efforts: ['low', 'medium', 'high'] },
  { pattern: /^gpt-4\.1/, maxOutputTokens: 32_768, efforts: [] },
  { pattern: /^gpt-4o-2024-05-13/, maxOutputTokens: 4_096, efforts: [] },
  { pattern: /^gpt-4o/, maxOutputTokens: 16_384, efforts: [] },
  { pattern: /^gpt-(?:4-turbo|3\.5)/, maxOutputTokens: 4_096, efforts: [] },
  { pattern: /^gpt-4/, maxOutputTokens: 8_192, efforts: [] },
];

/** What a model of OpenAI's can do, by its upstream id; undefined for models of others and unknown ones. */
export const openaiFamily = remembered((model): OpenAIFamily | undefined => {
  const id = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return OPENAI_FAMILIES.find(({ pattern }) => pattern.test(id));
});
