import type { ChatChunkChoice, ChatDelta, ToolCallDelta } from '../openai-api/chat-chunk.js';
import type { AnswerPart } from './hook.js';

/** A choice of a chunk: of chat with a delta, of legacy completions with a text. */
export type Choice = Omit<ChatChunkChoice, 'delta'> & { delta?: ChatDelta; text?: string };

/** Where a text of a choice stands: texts of one place belong together. */
export type Place =
  | 'content'
  | 'reasoning_content'
  | 'refusal'
  | 'text'
  | 'function_call'
  | `function:${number}`
  | `custom:${number}`;

/** A text of a choice. */
export interface PlacedText {
  readonly place: Place;
  readonly text: string;
}

const SPOKEN = ['reasoning_content', 'content', 'refusal'] as const;

export function partOf(place: Place): AnswerPart {
  if (place === 'reasoning_content') return 'reasoning';
  return isCall(place) ? 'arguments' : 'text';
}

/** True for arguments of a call. */
export function isCall(place: Place): boolean {
  return place.includes(':') || place === 'function_call';
}

/** The texts of a choice that say something. */
export function textsIn({ delta, text }: Choice): PlacedText[] {
  const texts: [Place, unknown][] = [['text', text]];
  for (const field of SPOKEN) texts.push([field, delta?.[field]]);
  for (const { index, function: called, custom } of delta?.tool_calls ?? []) {
    texts.push([`function:${index}`, called?.arguments], [`custom:${index}`, custom?.input]);
  }
  texts.push(['function_call', delta?.function_call?.arguments]);
  return texts.flatMap(([place, value]) => (typeof value === 'string' && value !== '' ? [{ place, text: value }] : []));
}

/** The text that goes on or begins with a choice, which has one at most; a call begins before its arguments do. */
export function begunPlace(choice: Choice): Place | undefined {
  const [said] = textsIn(choice);
  if (said) return said.place;
  const { tool_calls: [call] = [], function_call: called } = choice.delta ?? {};
  if (call) return call.custom ? `custom:${call.index}` : `function:${call.index}`;
  return called && 'function_call';
}

/** A copy of a choice with other texts in it; those that are not given become empty. */
export function withTexts(choice: Choice, given: ReadonlyMap<Place, string>): Choice {
  const { delta, text } = choice;
  const copy: Choice = { ...choice, logprobs: null };
  const of = (place: Place) => given.get(place) ?? '';
  if (typeof text === 'string') copy.text = of('text');
  if (!delta) return copy;
  const changed: ChatDelta = { ...delta };
  for (const field of SPOKEN) if (typeof delta[field] === 'string') changed[field] = of(field);
  if (delta.function_call?.arguments !== undefined)
    changed.function_call = { ...delta.function_call, arguments: of('function_call') };
  if (delta.tool_calls) {
    changed.tool_calls = delta.tool_calls.map((call) => ({
      ...call,
      ...(call.function?.arguments !== undefined && {
        function: { ...call.function, arguments: of(`function:${call.index}`) },
      }),
      ...(call.custom?.input !== undefined && { custom: { ...call.custom, input: of(`custom:${call.index}`) } }),
    }));
  }
  copy.delta = changed;
  return copy;
}

/** A choice that says one text and nothing else. */
export function choiceWith(index: number, place: Place, text: string): Choice {
  const choice: Choice = { index, logprobs: null, finish_reason: null };
  if (place === 'text') return { ...choice, text };
  if (place === 'function_call') return { ...choice, delta: { function_call: { arguments: text } } };
  const [kind, at] = place.split(':');
  if (at === undefined) return { ...choice, delta: { [place]: text } };
  const call = kind === 'custom' ? { custom: { input: text } } : { function: { arguments: text } };
  return { ...choice, delta: { tool_calls: [{ index: Number(at), ...call }] } };
}

/**
 * One choice as several in order, each with at most one text, and its end by itself: what is held of one text must leave
 * before what follows it.
 */
export function oneByOne(choice: Choice): Choice[] {
  const { delta, text, finish_reason: end, ...rest } = choice;
  const ends = end !== null && end !== undefined;
  const texts = textsIn(choice);
  const isAlone = ends ? texts.length === 0 && delta?.tool_calls === undefined : texts.length <= 1;
  if (isAlone) return [choice];
  const {
    role,
    tool_calls: calls = [],
    function_call: called,
    content,
    reasoning_content,
    refusal,
    ...others
  } = delta ?? {};
  const base = { index: choice.index, logprobs: null, finish_reason: null };
  const said = { reasoning_content, content, refusal };
  return [
    ...(role === undefined ? [] : [{ ...base, delta: { role } }]),
    ...(typeof text === 'string' ? [{ ...base, text }] : []),
    ...SPOKEN.flatMap((field) =>
      typeof said[field] === 'string' ? [{ ...base, delta: { [field]: said[field] } }] : [],
    ),
    ...calls.map((call) => ({ ...base, delta: { tool_calls: [call] } })),
    ...(called === undefined ? [] : [{ ...base, delta: { function_call: called } }]),
    { ...rest, finish_reason: end, ...(delta && { delta: others }), ...(text !== undefined && { text: '' }) },
  ];
}

/** True for a choice that would be missed: one that says something, or ends. */
export function saysSomething({ delta, text, finish_reason: end }: Choice): boolean {
  if (end !== null && end !== undefined) return true;
  if (text !== undefined) return text !== '';
  const { tool_calls: calls = [], ...others } = delta ?? {};
  if (calls.some(saysCall)) return true;
  return Object.values(others).some((value) => value !== '' && value !== undefined && value !== null);
}

function saysCall({ id, function: called, custom }: ToolCallDelta): boolean {
  return (
    id !== undefined ||
    called?.name !== undefined ||
    custom?.name !== undefined ||
    Boolean(called?.arguments) ||
    Boolean(custom?.input)
  );
}
