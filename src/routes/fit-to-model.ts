import type { Capabilities } from '../catalog/capabilities.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import { EFFORT_LEVELS, isEffortLevel, type ReasoningEffort } from '../openai-api/effort-levels.js';
import { openaiFamily } from '../providers/openai/families.js';

/** OpenAI takes as many stop sequences. */
const MAX_STOPS = 4;

/** A field that a model does not take as it was asked for. */
export type LostField = 'reasoning_effort' | 'temperature' | 'top_p' | 'stop';

/**
 * A chat request as a model behind an API of OpenAI's form takes it. Clients of other APIs send effort, sampling and stops to
 * any model: what it does not know is lowered or left out and told, so that it does not refuse the request.
 */
export function fitToModel(
  chat: ChatRequest,
  model: string,
  capabilities: Capabilities,
  lose: (field: LostField) => void,
): ChatRequest {
  const fitted: ChatRequest = { ...chat };
  const family = openaiFamily(model);
  fitEffort(fitted, family ? family.efforts : effortsOf(capabilities), lose);
  if (family && family.efforts.length > 0) {
    if (fitted.temperature === 1) delete fitted.temperature;
    for (const field of ['temperature', 'top_p', 'stop'] as const) {
      if (fitted[field] === undefined) continue;
      delete fitted[field];
      lose(field);
    }
  }
  if (Array.isArray(fitted.stop) && fitted.stop.length > MAX_STOPS) {
    fitted.stop = fitted.stop.slice(0, MAX_STOPS);
    lose('stop');
  }
  return fitted;
}

function effortsOf({ reasoning }: Capabilities): readonly ReasoningEffort[] {
  if (reasoning === true) return ['low', 'medium', 'high'];
  return reasoning ? EFFORT_LEVELS.filter((effort) => reasoning.includes(effort)) : [];
}

/** The nearest level that the model knows. Not to think is what a model that can't does anyway. */
function fitEffort(chat: ChatRequest, known: readonly ReasoningEffort[], lose: (field: LostField) => void): void {
  const { reasoning_effort: wanted } = chat;
  if (wanted === undefined || known.includes(wanted)) return;
  delete chat.reasoning_effort;
  if (wanted === 'none') return;
  lose('reasoning_effort');
  if (!isEffortLevel(wanted)) return;
  const rank = EFFORT_LEVELS.indexOf(wanted);
  const below = known.filter((effort) => EFFORT_LEVELS.indexOf(effort) < rank && effort !== 'none').at(-1);
  const nearest = below ?? known.find((effort) => effort !== 'none');
  if (nearest) chat.reasoning_effort = nearest;
}
