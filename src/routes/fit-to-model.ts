import type { Capabilities } from '../catalog/capabilities.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import { EFFORT_LEVELS, type ReasoningEffort } from '../openai-api/effort-levels.js';
import { openaiFamily } from '../providers/openai/families.js';
import { fitToFamily, fitted, nearestEffort } from '../providers/openai/fit-to-family.js';

/** The most stop sequences that OpenAI takes. */
const MAX_STOPS = 4;

/**
 * A chat request as a model behind an API of OpenAI's form takes it. Clients of other APIs send effort, sampling and stops to
 * any model: values that the model does not know are lowered, or left out and reported, so that it does not refuse the
 * request.
 *
 * @param lose receives the name in chat of each field that is not as the client asked.
 */
export function fitToModel(
  chat: ChatRequest,
  model: string,
  capabilities: Capabilities,
  lose: (field: string) => void,
): ChatRequest {
  const family = openaiFamily(model);
  let fit = { ...chat };
  if (family) {
    const changes = fitToFamily(chat, family);
    fit = fitted(fit, changes);
    changes.lost.forEach(lose);
  } else fitEffort(fit, effortsOf(capabilities), lose);
  if (Array.isArray(fit.stop) && fit.stop.length > MAX_STOPS) {
    fit.stop = fit.stop.slice(0, MAX_STOPS);
    lose('stop');
  }
  return fit;
}

function effortsOf({ reasoning }: Capabilities): readonly ReasoningEffort[] {
  if (reasoning === true) return ['low', 'medium', 'high'];
  return reasoning ? EFFORT_LEVELS.filter((effort) => reasoning.includes(effort)) : [];
}

/** A model that can't think fulfills `none` anyway. */
function fitEffort(chat: ChatRequest, known: readonly ReasoningEffort[], lose: (field: string) => void): void {
  const { reasoning_effort: wanted } = chat;
  if (wanted === undefined || known.includes(wanted)) return;
  delete chat.reasoning_effort;
  if (wanted === 'none') return;
  lose('reasoning_effort');
  const nearest = nearestEffort(wanted, known);
  if (nearest) chat.reasoning_effort = nearest;
}
