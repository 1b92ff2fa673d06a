import { isObject } from '../openai-api/field-checks.js';
import type { AnswerPart } from './hook.js';
import type { AnswerText, RouteTexts } from './route-texts.js';

/** Where answers of a format hold text. */
export type AnswerTexts = Pick<RouteTexts, 'answer' | 'event'>;

/** The texts of a whole answer, joined by what they are. */
export function textsOfAnswer(answer: unknown, format: AnswerTexts): AnswerText[] {
  return joined((isObject(answer) && format.answer?.(answer)) || [], '\n');
}

/** The texts that chunks of a stream add. */
export function textsOfChunks(chunks: readonly unknown[], format: AnswerTexts): AnswerText[] {
  const texts = chunks.flatMap((chunk) => {
    const event = typeof chunk === 'string' ? parsed(chunk) : chunk;
    return (isObject(event) && format.event?.(event)) || [];
  });
  return joined(texts, '');
}

function joined(texts: readonly AnswerText[], between: string): AnswerText[] {
  const parts = new Map<AnswerPart, string>();
  for (const { part, text } of texts) {
    if (text === '') continue;
    const before = parts.get(part);
    parts.set(part, before === undefined ? text : before + between + text);
  }
  return [...parts].map(([part, text]) => ({ part, text }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
