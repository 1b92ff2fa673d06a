import { GatewayError } from '../lib/errors.js';
import { decodeBase64Text, standardBase64 } from '../media/base64.js';
import type { CarriedReasoning } from '../openai-api/carried-reasoning.js';
import type { ContentPart, ToolCall } from '../openai-api/chat-message.js';
import type { AssistantMessage, ChatMessage } from '../openai-api/chat-request.js';
import { wrongRole, wrongValue } from '../openai-api/field-checks.js';
import { fromSignature } from './carried-signature.js';
import type { Content, GenerateContentRequest, Part } from './generate-content-request.js';

/** Notes what has no effect, by its path without indices. */
export type Drop = (name: string) => void;

/**
 * Contents as chat messages. Calls without ids get some, the same for the same conversation, and results find their calls
 * by id, else by name in the order of the calls where either has no id; one without a call keeps its place.
 *
 * @param readsFiles results may hold media, and files of text are files; else media of results follow in a message of the user, and
 * what is in files of text is text.
 * @throws {GatewayError} for parts that chat has no form for.
 */
export function toChatMessages(
  { contents, systemInstruction }: GenerateContentRequest,
  readsFiles: boolean,
  drop: Drop,
): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const system = typeof systemInstruction === 'string' ? systemInstruction : textOf(systemInstruction?.parts);
  if (system !== '') messages.push({ role: 'system', content: system });
  const unanswered = new UnansweredCalls();
  contents.forEach((content, index) => {
    const path = `contents[${index}].parts`;
    if (content.role === 'model') {
      const message = toAssistantMessage(content, unanswered, drop);
      if (message) messages.push(message);
    } else if (!ROLES.has(content.role)) throw wrongRole(String(content.role), `contents[${index}].role`);
    else if (content.role === 'system') messages.push({ role: 'system', content: textOf(content.parts) });
    else messages.push(...toUserMessages(content, path, unanswered, readsFiles, drop));
  });
  return messages;
}

const ROLES: ReadonlySet<unknown> = new Set([undefined, null, 'user', 'function', 'system']);

/** Calls whose results have not come yet; a result finds its call by id, else by the name of the function. */
class UnansweredCalls {
  readonly #open: { id: string; name: string; hasId: boolean }[] = [];
  #count = 0;

  begin(id: string | undefined, name: string): string {
    const own = id || `call_${this.#count}`;
    this.#count += 1;
    this.#open.push({ id: own, name, hasId: Boolean(id) });
    return own;
  }

  /** The id of the call that a result belongs to; one that no call has when there was none. */
  end(id: string | undefined, name: string): string {
    const exact = id ? this.#open.findIndex((call) => call.id === id) : -1;
    const at = exact >= 0 ? exact : this.#open.findIndex((call) => call.name === name && !(id && call.hasId));
    return this.#open.splice(at, at === -1 ? 0 : 1)[0]?.id ?? `no_call_${name}`;
  }
}

function textOf(parts: readonly Part[] | undefined): string {
  return (parts ?? []).map((part) => part.text ?? '').join('\n');
}

function toAssistantMessage(
  { parts = [] }: Content,
  unanswered: UnansweredCalls,
  drop: Drop,
): AssistantMessage | undefined {
  const carried: CarriedReasoning = { details: [], calls: {} };
  const calls: ToolCall[] = [];
  let text = '';
  let thoughts = '';
  for (const part of parts) {
    const foreign = part.thoughtSignature === undefined ? undefined : fromSignature(part.thoughtSignature);
    if (foreign) {
      carried.details.push(...foreign.details);
      if (foreign.extra) carried.extra = foreign.extra;
      Object.assign(carried.calls, foreign.calls);
      thoughts = foreign.text ?? thoughts;
    }
    const own = part.thoughtSignature !== undefined && !foreign ? part.thoughtSignature : undefined;
    const extra = own === undefined ? undefined : { google: { thought_signature: own } };
    if (part.functionCall) {
      const { id, name = '', args = {} } = part.functionCall;
      const called = { name, arguments: JSON.stringify(args) };
      calls.push({
        id: unanswered.begin(id, name),
        type: 'function',
        function: called,
        ...(extra && { extra_content: extra }),
      });
    } else if (part.thought === true) continue;
    else if (part.text !== undefined) {
      text += part.text;
      if (extra) carried.extra = extra;
    } else drop(`contents.${kindOf(part)}`);
  }
  if (text === '' && calls.length === 0) return undefined;
  const toolCalls = calls.map((call) => {
    const kept = Object.hasOwn(carried.calls, call.id) ? carried.calls[call.id] : undefined;
    return kept ? { ...call, extra_content: kept } : call;
  });
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(thoughts !== '' && { reasoning_content: thoughts }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    ...(carried.details.length > 0 && { reasoning_details: carried.details }),
    ...(carried.extra && { extra_content: carried.extra }),
  };
}

function toUserMessages(
  { parts = [] }: Content,
  path: string,
  unanswered: UnansweredCalls,
  readsFiles: boolean,
  drop: Drop,
): ChatMessage[] {
  const results: ChatMessage[] = [];
  const content: ContentPart[] = [];
  parts.forEach((part, index) => {
    const at = `${path}[${index}]`;
    if (!part.functionResponse) {
      content.push(...toParts(part, at, readsFiles, drop));
      return;
    }
    const { id, name = '', response = {}, parts: media = [] } = part.functionResponse;
    const said = resultText(response);
    const attached = media.flatMap((each, i) => toParts(each, `${at}.functionResponse.parts[${i}]`, readsFiles, drop));
    const inside = readsFiles && attached.length > 0;
    results.push({
      role: 'tool',
      tool_call_id: unanswered.end(id, name),
      content: inside ? [{ type: 'text', text: said }, ...attached] : said,
    });
    if (!inside) content.push(...attached);
  });
  const [only] = content;
  if (only === undefined) return results.length > 0 ? results : [{ role: 'user', content: '' }];
  const plain = content.length === 1 && only.type === 'text';
  return [...results, { role: 'user', content: plain ? only.text : content }];
}

/** Gemini's SDKs wrap plain results; what was wrapped is what the function said. */
function resultText(response: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(response);
  const only = names.length === 1 && (names[0] === 'output' || names[0] === 'result') ? response[names[0]] : undefined;
  return typeof only === 'string' ? only : JSON.stringify(response);
}

function toParts(part: Part, path: string, readsFiles: boolean, drop: Drop): ContentPart[] {
  const { text, inlineData, fileData } = part;
  if (text !== undefined) return text === '' ? [] : [{ type: 'text', text }];
  if (inlineData) {
    const { mimeType = '', data = '' } = inlineData;
    if (!readsFiles && IS_TEXT.test(mimeType)) return [{ type: 'text', text: textIn(data, `${path}.inlineData.data`) }];
    const standard = standardBase64(data);
    if (standard === undefined) throw wrongValue(`${path}.inlineData.data`, 'it is not base64');
    return [mediaPart(mimeType, `data:${mimeType};base64,${standard}`, standard, path)];
  }
  if (fileData) {
    const { mimeType = '', fileUri = '' } = fileData;
    if (!/^https:\/\//i.test(fileUri)) {
      const message = `'${path}.fileData.fileUri': the model can read an https URL only.`;
      throw new GatewayError('unsupported_value', { message, param: `${path}.fileData.fileUri` });
    }
    return [mediaPart(mimeType, fileUri, undefined, path)];
  }
  drop(`contents.${kindOf(part)}`);
  return [];
}

/** Most models read PDFs alone as files. */
const IS_TEXT =
  /^(?:text\/[\w.+-]+|application\/(?:json|xml|javascript|x-javascript|x-python|rtf|x-yaml|yaml))(?:\s*;|$)/i;

function textIn(data: string, path: string): string {
  const text = decodeBase64Text(data);
  if (text === undefined) throw wrongValue(path, 'it is not base64');
  return text;
}

function mediaPart(mimeType: string, url: string, data: string | undefined, path: string): ContentPart {
  if (mimeType.startsWith('image/')) return { type: 'image_url', image_url: { url } };
  const format = AUDIO[mimeType];
  if (format && data !== undefined) return { type: 'input_audio', input_audio: { data, format } };
  if (/^audio\/|^video\//.test(mimeType)) {
    const message = `'${path}': the model does not support media of type '${mimeType.slice(0, 60)}'.`;
    throw new GatewayError('unsupported_value', { message, param: path });
  }
  return {
    type: 'file',
    file: { filename: mimeType === 'application/pdf' ? 'document.pdf' : 'document.txt', file_data: url },
  };
}

const AUDIO: Readonly<Record<string, 'wav' | 'mp3'>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mp3': 'mp3',
  'audio/mpeg': 'mp3',
};

function kindOf(part: Part): string {
  const name = Object.keys(part).find((key) => key !== 'thoughtSignature' && key !== 'thought') ?? 'part';
  return name.replace(/[^\w.-]/g, '_').slice(0, 64);
}
