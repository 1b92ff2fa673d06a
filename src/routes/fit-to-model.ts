import type { Capabilities } from '../catalog/capabilities.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import { EFFORT_LEVELS, type ReasoningEffort } from '../openai-api/effort-levels.js';
import { isNoObject } from '../providers/object-schema.js';
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
    askInWords(fit, lose);
  } else fitEffort(fit, effortsOf(capabilities), lose);
  if (Array.isArray(fit.stop) && fit.stop.length > MAX_STOPS) {
    fit.stop = fit.stop.slice(0, MAX_STOPS);
    lose('stop');
  }
  return fit;
}

/**
 * OpenAI takes a schema of an object alone ("schema must be a JSON Schema of 'type: \"object\"'"); in other APIs an answer is often
 * a list. Source: platform.openai.com, "Structured outputs", supported schemas.
 */
function askInWords(chat: ChatRequest, lose: (field: string) => void): void {
  const { response_format: format } = chat;
  if (format?.type !== 'json_schema' || !isNoObject(format.json_schema.schema)) return;
  delete chat.response_format;
  const asked = `Answer with a single JSON value that fits this JSON Schema: ${JSON.stringify(format.json_schema.schema)}`;
  const content = `${asked}\nSay nothing else, and put no Markdown fence around it.`;
  chat.messages = [...chat.messages, { role: 'system', content }];
  lose('response_format');
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
