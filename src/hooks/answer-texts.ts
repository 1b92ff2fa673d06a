import { isObject } from '../openai-api/field-checks.js';
import type { AnswerPart } from './hook.js';

type Fields = Readonly<Record<string, unknown>>;

/** A text of an answer, and what it is. */
export interface AnswerText {
  readonly part: AnswerPart;
  readonly text: string;
}

/** The texts of a whole answer in the format of any route, joined by what they are. */
export function textsOfAnswer(answer: unknown): AnswerText[] {
  return joined(isObject(answer) ? wholeTexts(answer) : [], '\n');
}

/** The texts that chunks of a stream add, in the format of any route. */
export function textsOfChunks(chunks: readonly unknown[]): AnswerText[] {
  const texts = chunks.flatMap((chunk) => {
    const event = typeof chunk === 'string' ? parsed(chunk) : chunk;
    return isObject(event) ? eventTexts(event) : [];
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

function wholeTexts({ choices, output, content, candidates, text }: Fields): AnswerText[] {
  if (Array.isArray(choices))
    return choices.filter(isObject).flatMap(({ message, ...rest }) => choiceTexts(message ?? rest));
  if (Array.isArray(output)) return output.filter(isObject).flatMap(itemTexts);
  if (Array.isArray(candidates)) return candidates.filter(isObject).flatMap(candidateTexts);
  if (Array.isArray(content)) return content.filter(isObject).flatMap(blockTexts);
  return plain('text', text);
}

/** Of a message or a delta of chat, or a choice of a legacy completion. */
function choiceTexts(said: unknown): AnswerText[] {
  if (!isObject(said)) return [];
  const calls = Array.isArray(said['tool_calls']) ? said['tool_calls'].filter(isObject) : [];
  return [
    ...plain('reasoning', said['reasoning_content']),
    ...plain('text', said['content']),
    ...plain('text', said['refusal']),
    ...plain('text', said['text']),
    ...calls.flatMap(({ function: called, custom }) => [...argumentsIn(called), ...argumentsIn(custom)]),
    ...argumentsIn(said['function_call']),
  ];
}

function argumentsIn(called: unknown): AnswerText[] {
  return isObject(called) ? plain('arguments', called['arguments'] ?? called['input']) : [];
}

/** Source: the OpenAI API reference, output items of a response. */
function itemTexts({ content, summary, arguments: given, input, type }: Fields): AnswerText[] {
  const part = type === 'reasoning' ? 'reasoning' : 'text';
  const pieces = [content, summary].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
  return [
    ...pieces.flatMap(({ text, refusal }) => [...plain(part, text), ...plain(part, refusal)]),
    ...plain('arguments', given ?? input),
  ];
}

/** Source: the Anthropic API reference, content blocks of a message. */
function blockTexts({ type, text, thinking, input }: Fields): AnswerText[] {
  if (type === 'thinking') return plain('reasoning', thinking);
  return isObject(input) ? plain('arguments', JSON.stringify(input)) : plain('text', text);
}

/** Source: ai.google.dev, API reference, `GenerateContentResponse`. */
function candidateTexts({ content }: Fields): AnswerText[] {
  const parts = isObject(content) && Array.isArray(content['parts']) ? content['parts'].filter(isObject) : [];
  return parts.flatMap(({ text, thought, functionCall: call }) =>
    isObject(call)
      ? plain('arguments', JSON.stringify(call['args'] ?? {}))
      : plain(thought === true ? 'reasoning' : 'text', text),
  );
}

/** Events of streams whose text is in one field. Source: the OpenAI API reference, `ResponseStreamEvent`, `TranscriptTextDeltaEvent`. */
const EVENT_PARTS: Readonly<Record<string, AnswerPart>> = {
  'response.output_text.delta': 'text',
  'response.refusal.delta': 'text',
  'response.reasoning_text.delta': 'reasoning',
  'response.reasoning_summary_text.delta': 'reasoning',
  'response.function_call_arguments.delta': 'arguments',
  'response.custom_tool_call_input.delta': 'arguments',
  'response.mcp_call_arguments.delta': 'arguments',
  'transcript.text.delta': 'text',
};

function eventTexts(event: Fields): AnswerText[] {
  const { choices, candidates, type, delta } = event;
  if (Array.isArray(choices))
    return choices.filter(isObject).flatMap(({ delta: said, ...rest }) => choiceTexts(said ?? rest));
  if (Array.isArray(candidates)) return candidates.filter(isObject).flatMap(candidateTexts);
  const part = typeof type === 'string' ? EVENT_PARTS[type] : undefined;
  if (part !== undefined) return plain(part, delta);
  if (type !== 'content_block_delta' || !isObject(delta)) return [];
  return [
    ...plain('text', delta['text']),
    ...plain('reasoning', delta['thinking']),
    ...plain('arguments', delta['partial_json']),
  ];
}

function plain(part: AnswerPart, text: unknown): AnswerText[] {
  return typeof text === 'string' ? [{ part, text }] : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
