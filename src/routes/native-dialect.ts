import type { ProviderAdapter } from '../providers/adapter.js';

/**
 * The native format of a target's model, whatever serves it: Claude is also on Vertex, Bedrock and behind routers,
 * Gemini also on
 * Vertex. Decides what a translation may keep.
 */
export function nativeDialect({ name }: Pick<ProviderAdapter, 'name'>, model: string): 'claude' | 'gemini' | 'other' {
  if (name === 'anthropic' || /claude/i.test(model)) return 'claude';
  return name === 'google' || name === 'vertex' ? 'gemini' : 'other';
}
