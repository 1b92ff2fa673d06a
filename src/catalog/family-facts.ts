import type { Capabilities } from './capabilities.js';

/** What is known of a model by its name alone. */
export interface FamilyFacts {
  /** In tokens; where models of a family differ, the largest. */
  readonly contextWindow?: number;
  readonly capabilities?: Capabilities;
}

const SEES = { input: ['text', 'image', 'file'], tools: true, structuredOutput: true, promptCache: true } as const;
const THINKS = { ...SEES, reasoning: true } as const;
const HEARS = { ...THINKS, input: ['text', 'image', 'audio', 'video', 'file'] } as const;

/**
 * Facts about families of chat models, for models whose options say nothing; the first pattern that matches counts. Held
 * against the published catalogue by a test. Sources: the model pages of OpenAI, Anthropic and Google.
 */
const FAMILIES: readonly (readonly [RegExp, FamilyFacts])[] = [
  [/image|tts|transcribe|audio|realtime|embed|live|search|oss|chat-latest|codex-spark|cyber/, {}],
  [/^gpt-4o/, { contextWindow: 128_000, capabilities: SEES }],
  [/^gpt-4\.1/, { contextWindow: 1_047_576, capabilities: SEES }],
  [/^gpt-5\.4-(mini|nano)/, { contextWindow: 400_000, capabilities: THINKS }],
  [/^gpt-(5\.[456]|6)/, { contextWindow: 1_050_000, capabilities: THINKS }],
  [/^gpt-5/, { contextWindow: 400_000, capabilities: THINKS }],
  [/^o[34](-|$)/, { contextWindow: 200_000, capabilities: THINKS }],
  [/claude-(fable|mythos|opus|sonnet|haiku)-5/, { contextWindow: 1_000_000, capabilities: THINKS }],
  [/claude-opus-4[-.][678]|claude-sonnet-4[-.]6/, { contextWindow: 1_000_000, capabilities: THINKS }],
  [/claude-(opus|sonnet|haiku)-4/, { contextWindow: 200_000, capabilities: THINKS }],
  [/^gemini-(2\.5|3|4|flash|pro)/, { contextWindow: 1_048_576, capabilities: HEARS }],
];

/** The facts about a model, by the id that its provider knows it by; empty where nothing is known. */
export function familyFacts(id: string): FamilyFacts {
  return FAMILIES.find(([pattern]) => pattern.test(id))?.[1] ?? {};
}
