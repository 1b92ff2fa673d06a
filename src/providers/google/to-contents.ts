import type { GeminiFamily } from '../../catalog/model-families.js';
import { GatewayError } from '../../errors.js';
import type { AssistantMessage, ChatMessage, ContentPart, ToolMessage } from '../../openai/chat-request.js';
import type { Content, Part } from './api.js';
import { STAND_IN_SIGNATURE, splitCallId } from './thought-signature.js';
import { toFunctionResponse } from './to-function-response.js';
import { toAudioPart, toFilePart, toImagePart } from './to-media.js';
import { toModelParts } from './to-model-parts.js';
import type { UnsupportedFields } from './unsupported-fields.js';

/** The messages of a request in native form. */
export interface Conversation {
  contents: Content[];
  systemInstruction?: { parts: Part[] };
}

/** One turn while it grows: the results come first, in the order of their calls. */
interface Turn {
  readonly role: 'user' | 'model';
  readonly results: { readonly order: number; readonly part: Part }[];
  readonly parts: Part[];
}

/**
 * Messages to contents: system texts apart, roles `user` and `model` only, consecutive turns of a role merged, all
 * results of one assistant turn in one content and in call order.
 *
 * Source: ai.google.dev, API reference, `Content`; "Function calling".
 *
 * @throws {GatewayError} with the path of a message or part that has no native form.
 */
export function toContents(
  messages: readonly ChatMessage[],
  family: GeminiFamily,
  unsupported: UnsupportedFields,
): Conversation {
  const system: Part[] = [];
  const turns: Turn[] = [];
  const calls = new Map<string, { name: string; order: number }>();
  const turn = (role: Turn['role']): Turn => {
    const last = turns.at(-1);
    if (last?.role === role) return last;
    const next: Turn = { role, results: [], parts: [] };
    turns.push(next);
    return next;
  };

  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    switch (message.role) {
      case 'system':
      case 'developer':
        for (const part of contentParts(message.content, `${path}.content`, unsupported)) {
          if (part.text === undefined) throw unknownPart(`${path}.content`);
          system.push(part);
        }
        break;
      case 'user':
        turn('user').parts.push(...contentParts(message.content, `${path}.content`, unsupported));
        break;
      case 'assistant':
        turn('model').parts.push(...assistantParts(message, path, unsupported, calls));
        break;
      case 'tool':
        addResult(turn('user'), message, path, family, unsupported, calls);
        break;
      case 'function':
        turn('user').results.push({
          order: calls.size,
          part: { functionResponse: { name: message.name, response: toFunctionResponse(message.content ?? '') } },
        });
        break;
      default:
        throw new GatewayError('invalid_value', { param: `${path}.role`, message: 'The role is not supported.' });
    }
  });

  if (turns[0]?.role !== 'user') turns.unshift({ role: 'user', results: [], parts: [{ text: '' }] });
  const contents = turns.map((one) => toContent(one, family));
  if (system.length === 0) return { contents };
  if (family.systemInstruction) return { contents, systemInstruction: { parts: system } };
  contents[0]?.parts?.unshift({ text: system.map((part) => `${part.text}\n\n`).join('') });
  return { contents: contents.map(joinFirstTexts) };
}

function toContent(turn: Turn, family: GeminiFamily): Content {
  const results = turn.results.sort((a, b) => a.order - b.order).map((result) => result.part);
  const parts = [...results, ...turn.parts];
  if (parts.length === 0) parts.push({ text: '' });
  const firstCall = parts.find((part) => part.functionCall !== undefined);
  if (family.thinking === 'level' && firstCall !== undefined) firstCall.thoughtSignature ??= STAND_IN_SIGNATURE;
  return { role: turn.role, parts };
}

/** A system text and the user text behind it as one part. */
function joinFirstTexts(content: Content, index: number): Content {
  const [first, second, ...rest] = content.parts ?? [];
  if (index > 0 || first?.text === undefined || second?.text === undefined) return content;
  return { ...content, parts: [{ text: first.text + second.text }, ...rest] };
}

function assistantParts(
  message: AssistantMessage,
  path: string,
  unsupported: UnsupportedFields,
  calls: Map<string, { name: string; order: number }>,
): Part[] {
  if (message.audio) {
    throw new GatewayError('unsupported_value', { param: `${path}.audio`, message: 'Audio output is not supported.' });
  }
  const content = contentParts(message.content ?? [], `${path}.content`, unsupported).filter(
    (part) => part.text !== '',
  );
  if (content.length === 0 && message.refusal) content.push({ text: message.refusal });
  return toModelParts(message, content, path, (id, name) => calls.set(id, { name, order: calls.size }));
}

function addResult(
  turn: Turn,
  message: ToolMessage,
  path: string,
  family: GeminiFamily,
  unsupported: UnsupportedFields,
  calls: ReadonlyMap<string, { name: string; order: number }>,
): void {
  const { id } = splitCallId(message.tool_call_id);
  const call = calls.get(id);
  if (call === undefined) {
    const param = `${path}.tool_call_id`;
    throw new GatewayError('invalid_value', { param, message: 'No earlier tool call has this id.' });
  }
  const content = contentParts(message.content, `${path}.content`, unsupported);
  const response = toFunctionResponse(content.map((part) => part.text ?? '').join(''));
  const media = content.filter((part) => part.text === undefined);
  const inResult = media.length > 0 && family.thinking === 'level';
  turn.results.push({
    order: call.order,
    part: { functionResponse: { ...(id && { id }), name: call.name, response, ...(inResult && { parts: media }) } },
  });
  if (!inResult) turn.parts.push(...media);
}

function contentParts(content: string | ContentPart[], path: string, unsupported: UnsupportedFields): Part[] {
  if (typeof content === 'string') return [{ text: content }];
  return content.map((part, index) => {
    const partPath = `${path}[${index}]`;
    switch (part.type) {
      case 'text':
        return { text: part.text };
      case 'refusal':
        return { text: part.refusal };
      case 'image_url':
        if (part.image_url.detail === 'low' || part.image_url.detail === 'high') {
          unsupported.leaveOut('image_url.detail', `${partPath}.image_url.detail`);
        }
        return toImagePart(part, partPath);
      case 'input_audio':
        return toAudioPart(part, partPath);
      case 'file':
        return toFilePart(part, partPath);
      default:
        throw unknownPart(`${partPath}.type`);
    }
  });
}

function unknownPart(param: string): GatewayError {
  return new GatewayError('unsupported_value', { param, message: 'The content part is not supported here.' });
}
