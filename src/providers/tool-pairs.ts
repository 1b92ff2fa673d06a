import type { AssistantMessage, ChatMessage, ToolMessage } from '../openai-api/chat-request.js';
import { withoutSuffix } from '../openai-api/open-ids.js';
import { EARLIER_RESULT, NO_RESULT } from '../openai-api/unpaired-results.js';
import { OpenCalls } from './open-calls.js';
import type { UnsupportedParams } from './unsupported-params.js';

/** Whether neighboring messages of the assistant become one turn, whose results follow the last of them. */
export type TurnRule = 'merged turns' | 'single messages';

type Visit = (message: ChatMessage, index: number) => void;

/**
 * Visits the messages in order, with the results of each turn directly after its calls, as every provider wants them: a
 * result that comes late is moved there, a call that lacks one gets a stand-in, and a result whose call is no longer in the
 * conversation becomes a message of the user and reported. Agents that cut old messages away would otherwise be refused
 * with each further request.
 *
 * Source: the OpenAI API reference: a message with `tool_calls` is followed by messages that answer each of them.
 *
 * @param visit receives each message with its index; a result that was made up has the index of its call.
 * @throws {GatewayError} for a result without a call where the operator wants refused what can't be sent as it is.
 */
export function forEachAnswered(
  messages: readonly ChatMessage[],
  rule: TurnRule,
  unsupported: UnsupportedParams,
  visit: Visit,
): void {
  if (isAnswered(messages)) messages.forEach(visit);
  else visitAnswered(messages, rule, unsupported, visit);
}

/** True where each call has its result directly behind it, and each result its call before it. */
export function isAnswered(messages: readonly ChatMessage[]): boolean {
  const open: string[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      const at = open.indexOf(message.tool_call_id);
      if (at < 0) return false;
      open.splice(at, 1);
    } else if (open.length > 0) return false;
    else if (message.role === 'assistant') for (const { id } of message.tool_calls ?? []) open.push(id);
  }
  return open.length === 0;
}

/** A call, by its whole id, and where its result is, if there is any. */
interface Call {
  readonly id: string;
  result: number | undefined;
}

function visitAnswered(
  messages: readonly ChatMessage[],
  rule: TurnRule,
  unsupported: UnsupportedParams,
  visit: Visit,
): void {
  const { calls, answers } = pairs(messages);
  let turn: Call[] = [];
  messages.forEach((message, index) => {
    if (message.role === 'assistant') {
      visit(message, index);
      turn.push(...(calls.get(index) ?? []));
      if (rule === 'merged turns' && messages[index + 1]?.role === 'assistant') return;
      for (const { id, result } of turn) {
        if (result === undefined) visit(stub(id), index);
        else visit(withCallId(messages[result] as ToolMessage, id), result);
      }
      turn = [];
    } else if (message.role !== 'tool') visit(message, index);
    else if (!answers.has(index)) visit(inWords(message, index, unsupported), index);
  });
}

/** The calls of each message, and the indices of the messages that answer one. */
function pairs(messages: readonly ChatMessage[]): {
  calls: ReadonlyMap<number, readonly Call[]>;
  answers: ReadonlySet<number>;
} {
  const calls = new Map<number, readonly Call[]>();
  const answers = new Set<number>();
  const open = new OpenCalls<Call>();
  messages.forEach((message, index) => {
    if (message.role === 'assistant') {
      if (messages[index - 1]?.role !== 'assistant') open.startTurn();
      const made = idsOf(message).map((id): Call => ({ id, result: undefined }));
      calls.set(index, made);
      for (const call of made) open.add(withoutSuffix(call.id), call);
    } else if (message.role === 'tool') {
      const call = open.take(withoutSuffix(message.tool_call_id));
      if (call === undefined) return;
      call.result = index;
      answers.add(index);
    }
  });
  return { calls, answers };
}

function idsOf({ tool_calls: calls }: AssistantMessage): string[] {
  return (calls ?? []).map(({ id }) => id);
}

function withCallId(result: ToolMessage, id: string): ToolMessage {
  return result.tool_call_id === id ? result : { ...result, tool_call_id: id };
}

function stub(id: string): ToolMessage {
  return { role: 'tool', tool_call_id: id, content: NO_RESULT };
}

/** A result whose call is not there, in words. */
function inWords({ content }: ToolMessage, index: number, unsupported: UnsupportedParams): ChatMessage {
  unsupported.drop('messages.tool_call_id', `messages[${index}].tool_call_id`);
  if (typeof content === 'string') return { role: 'user', content: `${EARLIER_RESULT}\n${content}` };
  return { role: 'user', content: [{ type: 'text', text: EARLIER_RESULT }, ...content] };
}
