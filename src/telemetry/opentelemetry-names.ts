import type { Usage } from '../lib/usage.js';

/** What spans and metrics come from. */
export const SCOPE_NAME = 'metask-gateway';

/** What the conventions call a route's operation; a route that they have no word for keeps its own name. */
export function operationOf(route: string): string {
  if (/^(chat\/completions|responses|messages)(\/compact)?$/.test(route)) return 'chat';
  if (route === 'completions') return 'text_completion';
  return /generateContent$/i.test(route) ? 'generate_content' : route;
}

/** The conventions' names of providers, by those that apps give them. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  google: 'gcp.gen_ai',
  mistral: 'mistral_ai',
  moonshot: 'moonshot_ai',
  vertex: 'gcp.vertex_ai',
  xai: 'x_ai',
};

/** The conventions' name of a provider; one that they have no word for keeps the app's. */
export function providerName(provider: string): string {
  return Object.hasOwn(PROVIDER_NAMES, provider) ? (PROVIDER_NAMES[provider] ?? provider) : provider;
}

/** Tokens written to a provider's cache, for however long. */
export function cacheWrites({ cacheWriteTokens, cacheWrite1hTokens }: Usage): number {
  return cacheWriteTokens + cacheWrite1hTokens;
}
