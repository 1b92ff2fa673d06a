import type { CompatibleFacts } from './facts.js';
import { CEREBRAS } from './named/cerebras.js';
import { DEEPSEEK } from './named/deepseek.js';
import { FIREWORKS } from './named/fireworks.js';
import { GROQ } from './named/groq.js';
import { MISTRAL } from './named/mistral.js';
import { OLLAMA } from './named/ollama.js';
import { OPENROUTER } from './named/openrouter.js';
import { TOGETHER } from './named/together.js';
import { VLLM } from './named/vllm.js';
import { XAI } from './named/xai.js';

/** Every provider that has a table of its own. */
export const KNOWN_PROVIDERS: readonly CompatibleFacts[] = [
  GROQ,
  MISTRAL,
  DEEPSEEK,
  XAI,
  OPENROUTER,
  OLLAMA,
  VLLM,
  TOGETHER,
  FIREWORKS,
  CEREBRAS,
];

/** A table, and whether the URL is the provider's own. */
export interface KnownProvider {
  readonly facts: CompatibleFacts;
  readonly isItsHost: boolean;
}

/** The facts about a provider by its name, else by the host of its URL; undefined for one that is not known. */
export function factsFor(name: string | undefined, baseURL: string): KnownProvider | undefined {
  const host = hostOf(baseURL);
  const isOf = (facts: CompatibleFacts) => facts.baseURL !== undefined && hostOf(facts.baseURL) === host;
  const facts = KNOWN_PROVIDERS.find((known) => known.name === name) ?? KNOWN_PROVIDERS.find(isOf);
  return facts && { facts, isItsHost: isOf(facts) };
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
