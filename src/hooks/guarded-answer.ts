import type { ChatAnswerMessage, ChatCompletion } from '../openai-api/chat-completion.js';
import { isObject } from '../openai-api/field-checks.js';
import type { ChatAnswer, TextAnswer } from '../providers/adapter.js';
import type { AnswerGuard } from './answer-guard.js';
import { textsOfAnswer } from './answer-texts.js';
import { Refusal } from './hook.js';

/** A whole chat answer after its hook; the same one when nothing was changed. */
export async function guardChat(answer: ChatAnswer, guard: AnswerGuard): Promise<ChatAnswer> {
  const { completion, usage, dropped } = answer;
  if (guard.mode === 'observe') {
    guard.show(textsOfAnswer(completion).join('\n'));
    return answer;
  }
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

async function guardMessage(message: ChatAnswerMessage, guard: AnswerGuard): Promise<ChatAnswerMessage | Refusal> {
  let guarded = message;
  for (const name of ['content', 'reasoning_content'] as const) {
    const text = message[name];
    if (typeof text !== 'string' || text === '') continue;
    const made = await guard.ask(text);
    if (made instanceof Refusal) return made;
    if (made === text) continue;
    guarded = { ...guarded, [name]: made };
    // They repeat the reasoning.
    if (name === 'reasoning_content') delete guarded.reasoning_details;
  }
  return guarded;
}

/** A whole answer of a text route after its hook. */
export async function guardText(answer: TextAnswer, guard: AnswerGuard): Promise<TextAnswer> {
  if (guard.mode === 'observe') {
    guard.show(textsOfAnswer(answer.json).join('\n'));
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
  const made = await guard.ask(text);
  if (made instanceof Refusal) return { ...choice, text: '', logprobs: null, finish_reason: 'content_filter' };
  return made === text ? choice : { ...choice, text: made, logprobs: null };
}
