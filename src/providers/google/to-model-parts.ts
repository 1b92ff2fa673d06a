import { GatewayError } from '../../lib/errors.js';
import { callArguments } from '../../openai-api/call-arguments.js';
import type { AssistantMessage, ToolCall } from '../../openai-api/chat-request.js';
import { imageParts } from './answer-images.js';
import type { Part } from './api.js';
import { nativeName } from './function-names.js';
import { detailSignatures, signatureIn, splitCallId } from './thought-signature.js';

const SERVER_TOOLS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'];

/**
 * One assistant message as parts: steps of the provider's own tools, its texts, then its images, then its calls, each with the thought signature that
 * the client brought back.
 *
 * Source: ai.google.dev, "Thought signatures": a signature returns in the part it came in.
 *
 * @param onCall called for each call, so that results can find its name; returns the signature kept for it.
 * @throws {GatewayError} for custom tools.
 */
export function toModelParts(
  message: AssistantMessage,
  content: Part[],
  path: string,
  onCall: (id: string, name: string) => string | undefined,
): Part[] {
  const signatures = detailSignatures(message);
  const own = signatureIn(message.extra_content);
  const toolCalls = message.tool_calls ?? [];
  const legacy = message.function_call;
  const parts: Part[] = [...serverToolParts(message), ...content, ...imageParts(message)];
  const textSignature = legacy ? undefined : (own ?? (toolCalls.length === 0 ? signatures.get('') : undefined));
  if (textSignature !== undefined) signText(content, parts, textSignature);
  toolCalls.forEach((call, index) => {
    parts.push(callPart(call, `${path}.tool_calls[${index}]`, index === 0, signatures, onCall));
  });
  if (legacy) parts.push(functionCallPart(legacy.name, legacy.arguments, undefined, own));
  return parts;
}

/** The signature of an answer without calls belongs to its last text; without one it has a part of its own. */
function signText(content: readonly Part[], parts: Part[], thoughtSignature: string): void {
  const last = content.at(-1);
  if (last) last.thoughtSignature = thoughtSignature;
  else parts.push({ text: '', thoughtSignature });
}

/** @throws {GatewayError} for a custom tool. */
function callPart(
  call: ToolCall,
  path: string,
  isFirst: boolean,
  signatures: ReadonlyMap<string, string>,
  onCall: (id: string, name: string) => string | undefined,
): Part {
  if (call.type !== 'function') {
    const param = `${path}.type`;
    throw new GatewayError('unsupported_value', { param, message: 'Custom tools are not supported.' });
  }
  const { id, signature } = splitCallId(call.id);
  const { name, arguments: args } = call.function;
  const kept = onCall(id, name);
  const brought = signatureIn(call.extra_content) ?? signature ?? signatures.get(call.id);
  return functionCallPart(name, args, id, brought ?? (isFirst ? signatures.get('') : undefined) ?? kept);
}

/** @param id empty for a call without one. */
function functionCallPart(name: string, args: string, id: string | undefined, signature: string | undefined): Part {
  const named = { name: nativeName(name), args: callArguments(args) };
  return {
    functionCall: id ? { id, ...named } : named,
    ...(signature !== undefined && { thoughtSignature: signature }),
  };
}

/** Steps of the provider's own tools out of an earlier answer: Gemini 3 wants them back as they were. */
function serverToolParts({ extra_content: extra }: AssistantMessage): Part[] {
  const parts: unknown = extra?.google?.['parts'];
  if (!Array.isArray(parts)) return [];
  return parts.filter((part) => typeof part === 'object' && part !== null && SERVER_TOOLS.some((name) => name in part));
}
