import { digest } from '../../lib/digest.js';
import type { ChatMessage } from '../../openai-api/chat-request.js';
import { wrongRole } from '../../openai-api/field-checks.js';
import { type Fields, isFields } from '../openai/fields.js';
import { forEachAnswered } from '../tool-pairs.js';
import type { NativeRole } from './facts.js';
import { printable } from './known-members.js';
import { ANSWER_FIELDS, legacyCallId, type MessageContext, MessageEdit } from './message-edit.js';
import { toAssistant } from './to-assistant.js';
import { ContentTranslator } from './to-content.js';

/**
 * The messages as an API takes them. A message that needs no change is the same object.
 *
 * Each result follows its call. Fields that are null, or that another provider's answer put there, are left out; what the
 * client itself set and the API has no field for is reported.
 *
 * @throws {GatewayError} for content that the model can't read.
 */
export function toMessages(messages: readonly ChatMessage[], context: MessageContext): Fields[] {
  const newest = messages.findLastIndex(({ role }) => role === 'assistant');
  const translator = new ContentTranslator(context, (index) => index > newest && !isOfTools(messages, index));
  const native: Fields[] = [];
  /** Pictures of tool results, which go after the last of them. */
  let moved: Fields[] = [];
  const flush = () => {
    if (moved.length > 0) native.push({ role: 'user', content: moved });
    moved = [];
  };
  forEachAnswered(messages, 'single messages', context.unsupported, (message, index) => {
    const edit = new MessageEdit(message as unknown as Fields);
    const path = `messages[${index}]`;
    const role = nativeRole(message, path, context);
    if (role !== 'tool') flush();
    if (message.role === 'function') toToolResult(edit, message.name);
    else if (role !== message.role) edit.set('role', role);
    dropFields(edit, role, path, context);
    if (message.role === 'assistant') toAssistant(edit, message, path, context);
    const { content, media } = translator.translate(edit.value.content, role, index);
    if (content !== edit.value.content) edit.set('content', content);
    moved.push(...media);
    fitIds(edit, context);
    native.push(edit.value);
  });
  flush();
  const last = native.at(-1);
  if (context.facts.prefix && last?.role === 'assistant' && last.prefix !== true) {
    native[native.length - 1] = { ...last, prefix: true };
  }
  return native;
}

/** @throws {GatewayError} for a role that an API with a published schema does not have. */
function nativeRole({ role }: ChatMessage, path: string, { facts }: MessageContext): NativeRole {
  if (role === 'function') return 'tool';
  if (facts.messageFields && !Object.hasOwn(facts.messageFields, role)) throw wrongRole(role, `${path}.role`);
  return role === 'developer' && !facts.developer ? 'system' : role;
}

function toToolResult(edit: MessageEdit, name: string): void {
  edit.set('role', 'tool');
  edit.set('tool_call_id', legacyCallId(name));
  edit.remove('name');
  if (edit.value.content == null) edit.set('content', '');
}

function dropFields(edit: MessageEdit, role: NativeRole, path: string, context: MessageContext): void {
  const known = context.facts.messageFields?.[role];
  for (const name of Object.keys(edit.value)) {
    if (name === 'role' || name === 'content') continue;
    const isAnswers = role === 'assistant' && ANSWER_FIELDS.has(name);
    // what answers hold is looked at field by field, in `toAssistant`
    if (isAnswers && edit.value[name] !== null) continue;
    if (edit.value[name] === null) edit.remove(name);
    else if (name === 'cache_control' && !context.facts.cacheControl) drop(edit, name, path, context);
    else if (known ? !known.includes(name) : !passes(name, edit.value[name], context)) drop(edit, name, path, context);
  }
}

/**
 * Fields of messages that APIs without a published schema may know; none makes them read more than is in it.
 *
 * Sources: the OpenAI API reference; DeepSeek and Mistral, `prefix`; Moonshot, `partial`.
 */
const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  ...['name', 'tool_calls', 'tool_call_id', 'cache_control', 'prefix', 'partial'],
]);

function passes(name: string, value: unknown, { everything }: MessageContext): boolean {
  if (ANSWER_FIELDS.has(name)) return false;
  if (everything || name === 'tool_calls' || name === 'cache_control') return true;
  return MESSAGE_FIELDS.has(name) && typeof value !== 'object';
}

function drop(edit: MessageEdit, name: string, path: string, { unsupported }: MessageContext): void {
  edit.remove(name);
  const shown = printable(name);
  if (!ANSWER_FIELDS.has(name)) unsupported.drop(`messages.${shown}`, `${path}.${shown}`);
}

/** Calls and results keep their pairs: equal ids stay equal. */
function fitIds(edit: MessageEdit, { facts }: MessageContext): void {
  const { callIds } = facts;
  if (!callIds) return;
  const fitting = (id: unknown) => (typeof id === 'string' && !callIds.test(id) ? digest(id).slice(0, 9) : id);
  const { tool_call_id: id, tool_calls: calls } = edit.value;
  if (fitting(id) !== id) edit.set('tool_call_id', fitting(id));
  if (!Array.isArray(calls)) return;
  if (calls.some((call) => isFields(call) && fitting(call.id) !== call.id)) {
    edit.set(
      'tool_calls',
      calls.map((call) => (isFields(call) ? { ...call, id: fitting(call.id) } : call)),
    );
  }
}

/** True for a result, and for what stands right behind results: the pictures in them, since few APIs take them there. */
function isOfTools(messages: readonly ChatMessage[], index: number): boolean {
  return messages[index]?.role === 'tool' || messages[index - 1]?.role === 'tool';
}
