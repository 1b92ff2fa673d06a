import { claudeFamily } from './anthropic/families.js';
import { geminiFamily } from './google/families.js';
import { openaiFamily } from './openai/families.js';

/** Names of other models that reason, or that answer with more than text. */
const OTHERS = /reason|think|\br1\b|\bqwq|magistral|grok-(?:3-mini|[4-9])|image|audio|omni|realtime|tts/;

/**
 * True where an answer of the model may have output that its text doesn't show: reasoning that is kept back or summarized,
 * sound, pictures. How much, only the provider's report says.
 *
 * Sources: OpenAI's guide to reasoning; Anthropic docs, "Extended thinking", on summaries; ai.google.dev, "Thinking".
 *
 * @param model the upstream id, with or without the prefixes of clouds and resellers.
 */
export function mayHideOutput(model: string): boolean {
  const id = model.toLowerCase();
  if (OTHERS.test(id)) return true;
  const family = openaiFamily(id);
  if (family) return family.efforts.length > 0 || /(?:^|\/)o\d/.test(id);
  if (id.includes('claude')) return claudeFamily(id).thinking !== 'none';
  return /(?:^|\/)gemini-/.test(id) && geminiFamily(id.slice(id.lastIndexOf('/') + 1)).thinking !== 'none';
}
