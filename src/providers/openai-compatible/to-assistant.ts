import type { AssistantMessage } from '../../openai-api/chat-request.js';
import { type Fields, isFields } from '../openai/fields.js';
import { knownCall } from './known-members.js';
import { ANSWER_FIELDS, legacyCallId, type MessageContext, type MessageEdit } from './message-edit.js';

/** Where reasoning stands in the messages of an answer. */
const REASONING_FIELDS = ['reasoning', 'reasoning_content', 'reasoning_details'] as const;

/**
 * What an answer said, as the history of the next request: reasoning under the API's own name or nowhere, a refusal as
 * text, the deprecated call as a tool call, and of calls only what the API knows.
 */
export function toAssistant(edit: MessageEdit, message: AssistantMessage, path: string, context: MessageContext): void {
  const { facts, learned } = context;
  const before = edit.value;
  const reasoning = reasoningOf(message) ?? remembered(message, context) ?? context.lostReasoning;
  const kept = new Set(placesOf(context));
  for (const name of Object.keys(before)) {
    if (!ANSWER_FIELDS.has(name) || kept.has(name)) continue;
    if (facts.messageFields === undefined && learned.message.has(name) && !isReasoning(name)) continue;
    edit.remove(name);
  }
  if (reasoning !== undefined) putReasoning(edit, reasoning, kept);
  if (message.function_call) edit.set('tool_calls', [legacyCall(message.function_call)]);
  fitCalls(edit, path, context);
  fillContent(edit, message);
  if (reasoning !== undefined && facts.reasoning === 'thinking' && context.thinkingParts) think(edit, reasoning);
}

/** Once, however many names an endpoint has used: it would be read, and billed, under each of them. */
function putReasoning(edit: MessageEdit, reasoning: string, names: ReadonlySet<string>): void {
  if (Array.isArray(edit.value['reasoning_details'])) return;
  const places = [...names].map((name) => (name === 'reasoning_details' ? 'reasoning' : name));
  const [first] = places;
  if (first !== undefined && !places.some((place) => edit.value[place] === reasoning)) edit.set(first, reasoning);
}

/** The names under which reasoning goes back. */
function placesOf({ facts, learned }: MessageContext): readonly string[] {
  if (facts.reasoning === 'learned') return REASONING_FIELDS.filter((name) => learned.message.has(name));
  return isReasoning(facts.reasoning) ? [facts.reasoning] : [];
}

function isReasoning(name: string): boolean {
  return (REASONING_FIELDS as readonly string[]).includes(name);
}

function reasoningOf({ reasoning_content: content, ...message }: AssistantMessage): string | undefined {
  const other = (message as Fields).reasoning;
  return text(content) ?? text(other);
}

function remembered({ tool_calls: calls }: AssistantMessage, { facts, recall }: MessageContext): string | undefined {
  if (!facts.remembersReasoning) return undefined;
  for (const { id } of calls ?? []) {
    const kept = recall(id);
    if (kept !== undefined) return kept;
  }
  return undefined;
}

/** Other providers have no `refusal` field; a message with nothing else says it as text. */
function fillContent(edit: MessageEdit, { refusal }: AssistantMessage): void {
  const { content, tool_calls: calls } = edit.value;
  const isEmpty = content === null || content === undefined || content === '';
  if (isEmpty && typeof refusal === 'string' && refusal !== '') edit.set('content', refusal);
  else if (content === undefined || (content === null && !Array.isArray(calls))) edit.set('content', '');
}

function legacyCall({ name, arguments: args }: { name: string; arguments: string }): Fields {
  return { id: legacyCallId(name), type: 'function', function: { name, arguments: args } };
}

/** Fields of a call that another provider put there, such as `index` and `extra_content`, are left out. */
function fitCalls(edit: MessageEdit, path: string, context: MessageContext): void {
  const { tool_calls: calls } = edit.value;
  if (!Array.isArray(calls)) return;
  if (calls.length === 0) {
    edit.remove('tool_calls');
    return;
  }
  const fit = calls.map((call: unknown, index) =>
    isFields(call) ? knownCall(call, `${path}.tool_calls[${index}]`, context) : call,
  );
  if (fit.some((call, index) => call !== calls[index])) edit.set('tool_calls', fit);
}

/** Mistral's form of what was thought: a part before the others. */
function think(edit: MessageEdit, reasoning: string): void {
  const { content } = edit.value;
  const said = typeof content === 'string' ? (content === '' ? [] : [{ type: 'text', text: content }]) : content;
  if (!Array.isArray(said) || said.some((part) => isFields(part) && part.type === 'thinking')) return;
  const thought = { type: 'thinking', thinking: [{ type: 'text', text: reasoning }] };
  edit.set('content', [thought, ...said]);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
