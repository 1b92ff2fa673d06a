import { openaiFamily } from './openai/families.js';

/** Names of other models that reason, or that answer with more than text. */
const OTHERS = /reason|think|\br1\b|\bqwq|magistral|grok-(?:3-mini|[4-9])|image|audio|omni|realtime|tts/;

/**
 * Models of Anthropic and Google that never reason, as the tables of their families say; all others of theirs may. The tables
 * themselves are for those who call these providers.
 */
const NEVER_REASONS = /claude-(?:3[-.]5|(?:3|2|instant)(?!\d|[-.]7))|gemini-(?:[12]\.0|1\.5|exp|pro(?:-vision)?$)/;

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
  return /claude|(?:^|\/)gemini-/.test(id) && !NEVER_REASONS.test(id);
}
