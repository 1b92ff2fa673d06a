import { isObject } from '../openai-api/field-checks.js';
import type { AnswerTexts } from './answer-texts.js';
import { type AnswerText, type Fields, plain } from './route-texts.js';

/** Texts of chat answers, and of legacy completions. */
export const CHAT_ANSWER: AnswerTexts = { answer: choicesOfAnswer, event: choicesOfEvent };

/** The texts of a whole chat answer or legacy completion. */
function choicesOfAnswer({ choices }: Fields): AnswerText[] {
  return Array.isArray(choices)
    ? choices.filter(isObject).flatMap(({ message, ...rest }) => choiceTexts(message ?? rest))
    : [];
}

/** The texts that a chunk of such an answer adds. */
function choicesOfEvent({ choices }: Fields): AnswerText[] {
  return Array.isArray(choices)
    ? choices.filter(isObject).flatMap(({ delta, ...rest }) => choiceTexts(delta ?? rest))
    : [];
}

/** Of a message or a delta of chat, or a choice of a legacy completion. */
function choiceTexts(said: unknown): AnswerText[] {
  if (!isObject(said)) return [];
  const calls = Array.isArray(said['tool_calls']) ? said['tool_calls'].filter(isObject) : [];
  return [
    ...plain('reasoning', said['reasoning_content']),
    ...plain('text', said['content']),
    ...plain('text', said['refusal']),
    ...transcriptIn(said['audio']),
    ...plain('text', said['text']),
    ...calls.flatMap(({ function: called, custom }) => [...argumentsIn(called), ...argumentsIn(custom)]),
    ...argumentsIn(said['function_call']),
  ];
}

function transcriptIn(audio: unknown): AnswerText[] {
  return isObject(audio) ? plain('text', audio['transcript']) : [];
}

function argumentsIn(called: unknown): AnswerText[] {
  return isObject(called) ? plain('arguments', called['arguments'] ?? called['input']) : [];
}
