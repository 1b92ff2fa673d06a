import type { ChatAnswerMessage, ChatCompletion } from '../openai-api/chat-completion.js';
import type { ToolCall } from '../openai-api/chat-message.js';
import { isObject } from '../openai-api/field-checks.js';
import type { ChatAnswer, TextAnswer } from '../providers/adapter.js';
import type { AnswerGuard } from './answer-guard.js';
import { type AnswerTexts, textsOfAnswer } from './answer-texts.js';
import { CHAT_ANSWER } from './chat-answer-texts.js';
import { guardSound } from './held-sound.js';
import { type AnswerPart, Refusal } from './hook.js';

/** A whole chat answer after its hook; the same one when nothing was changed. */
export async function guardChat(answer: ChatAnswer, guard: AnswerGuard): Promise<ChatAnswer> {
  const { completion, usage, dropped } = answer;
  if (guard.mode === 'observe') {
    showAnswer(completion, CHAT_ANSWER, guard);
    return answer;
  }
  if (!usage) guard.made?.whole(completion.choices);
  let changed = false;
  const choices: ChatCompletion['choices'] = [];
  for (const choice of completion.choices) {
    const message = await guardMessage(choice.message, guard);
    changed ||= message !== choice.message;
    if (message instanceof Refusal) {
      const refused: ChatAnswerMessage = { role: 'assistant', content: null, refusal: message.message };
      choices.push({ ...choice, message: refused, logprobs: null, finish_reason: 'content_filter' });
    } else if (message === choice.message) choices.push(choice);
    // The probabilities would spell out what was removed.
    else choices.push({ ...choice, message, logprobs: null });
  }
  if (!changed) return answer;
  return { completion: { ...completion, choices }, ...(usage && { usage }), ...(dropped && { dropped }) };
}

/** Shows all texts of an answer. */
function showAnswer(answer: unknown, format: AnswerTexts, guard: AnswerGuard): void {
  for (const { part, text } of textsOfAnswer(answer, format)) guard.show(text, part);
}

const SPOKEN: readonly (readonly ['content' | 'reasoning_content' | 'refusal', AnswerPart])[] = [
  ['reasoning_content', 'reasoning'],
  ['content', 'text'],
  ['refusal', 'text'],
];

async function guardMessage(message: ChatAnswerMessage, guard: AnswerGuard): Promise<ChatAnswerMessage | Refusal> {
  let guarded = message;
  for (const [name, part] of SPOKEN) {
    const text = message[name];
    if (typeof text !== 'string' || text === '') continue;
    const made = await guard.ask(text, part);
    if (made instanceof Refusal) return made;
    if (made === text) continue;
    guarded = { ...guarded, [name]: made };
    // They repeat the reasoning.
    if (name === 'reasoning_content') delete guarded.reasoning_details;
    // Their places are those of the text before.
    if (name === 'content') delete guarded.annotations;
  }
  const heard = await guardAudio(guarded, guard);
  return heard instanceof Refusal ? heard : guardCalls(heard, guard);
}

async function guardAudio(message: ChatAnswerMessage, guard: AnswerGuard): Promise<ChatAnswerMessage | Refusal> {
  const { audio } = message;
  if (!audio) return message;
  const made = await guardSound(audio, guard);
  if (made instanceof Refusal) return made;
  return made === audio ? message : { ...message, audio: { ...made, data: '' } };
}

async function guardCalls(message: ChatAnswerMessage, guard: AnswerGuard): Promise<ChatAnswerMessage | Refusal> {
  const { tool_calls: calls, function_call: called } = message;
  if (called !== undefined) {
    const guarded = await guardArguments(called, guard);
    if (guarded instanceof Refusal) return guarded;
    if (guarded !== called) return { ...message, function_call: guarded };
  }
  if (!calls) return message;
  let changed = false;
  const guarded: typeof calls = [];
  for (const call of calls) {
    const made = await guardCall(call, guard);
    if (made instanceof Refusal) return made;
    changed ||= made !== call;
    guarded.push(made);
  }
  return changed ? { ...message, tool_calls: guarded } : message;
}

async function guardCall(call: ToolCall, guard: AnswerGuard): Promise<ToolCall | Refusal> {
  for (const kind of ['function', 'custom'] as const) {
    const called = (call as ToolCall & { custom?: object })[kind];
    if (!isObject(called)) continue;
    const made = await guardArguments(called, guard);
    if (made instanceof Refusal) return made;
    if (made !== called) return { ...call, [kind]: made };
  }
  return call;
}

/** The arguments of a call, or the free text of a custom tool's. */
async function guardArguments<T extends object>(called: T, guard: AnswerGuard): Promise<T | Refusal> {
  const fields = called as Readonly<Record<string, unknown>>;
  for (const name of ['arguments', 'input']) {
    const text = fields[name];
    if (typeof text !== 'string' || text === '') continue;
    const made = await guard.ask(text, 'arguments');
    if (made instanceof Refusal) return made;
    if (made !== text) return { ...called, [name]: made };
  }
  return called;
}

/** A whole answer of a text route after its hook. */
export async function guardText(answer: TextAnswer, guard: AnswerGuard): Promise<TextAnswer> {
  if (guard.mode === 'observe') {
    showAnswer(answer.json, guard.texts, guard);
    return answer;
  }
  const { choices } = answer.json;
  if (!Array.isArray(choices)) return answer;
  const guarded: unknown[] = [];
  for (const choice of choices) guarded.push(isObject(choice) ? await guardChoice(choice, guard) : choice);
  if (guarded.every((choice, index) => choice === choices[index])) return answer;
  const json = { ...answer.json, choices: guarded };
  return { ...answer, json, text: JSON.stringify(json) };
}

async function guardChoice(choice: Record<string, unknown>, guard: AnswerGuard): Promise<object> {
  const { text } = choice;
  if (typeof text !== 'string' || text === '') return choice;
  const made = await guard.ask(text, 'text');
  if (made instanceof Refusal) return { ...choice, text: '', logprobs: null, finish_reason: 'content_filter' };
  return made === text ? choice : { ...choice, text: made, logprobs: null };
}
