import { isObject } from '../openai-api/field-checks.js';

/** The texts of a whole answer, in the format of any route. */
export function textsOfAnswer(answer: unknown): string[] {
  if (!isObject(answer)) return [];
  const { choices, output, content } = answer;
  if (Array.isArray(choices)) return choices.flatMap((choice) => (isObject(choice) ? textsOfChoice(choice) : []));
  if (Array.isArray(output)) return output.flatMap((item) => (isObject(item) ? textsOfParts(item['content']) : []));
  return textsOfParts(content);
}

function textsOfChoice({ message, text }: Record<string, unknown>): string[] {
  if (typeof text === 'string') return [text];
  const content = isObject(message) ? message['content'] : undefined;
  return typeof content === 'string' ? [content] : [];
}

function textsOfParts(parts: unknown): string[] {
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part) => (isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []));
}

/** The text that one chunk of a stream adds, in the format of any route. */
export function textOfChunk(chunk: unknown): string {
  const event = typeof chunk === 'string' ? parsed(chunk) : chunk;
  if (!isObject(event)) return '';
  const { choices, type, delta } = event;
  if (type === 'response.output_text.delta') return typeof delta === 'string' ? delta : '';
  if (type === 'content_block_delta') return isObject(delta) && typeof delta['text'] === 'string' ? delta['text'] : '';
  if (!Array.isArray(choices)) return '';
  return choices.map((choice) => (isObject(choice) ? textOfDelta(choice) : '')).join('');
}

function textOfDelta({ delta, text }: Record<string, unknown>): string {
  if (typeof text === 'string') return text;
  const content = isObject(delta) ? delta['content'] : undefined;
  return typeof content === 'string' ? content : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
