import { expect } from 'vitest';
import type { ChatAnswerMessage } from '../../../src/openai-api/chat-completion.js';
import type { ChatRequest } from '../../../src/openai-api/chat-request.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import { chatCall } from '../../helpers/chat-call.js';
import { assembled, translateEvents } from './streams.js';

export type Block = Record<string, unknown> & { type: string };

interface Native {
  content: Block[];
  stop_reason?: string | null;
  stop_details?: object;
  usage?: object;
}

export const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x' };

export const usage = { input_tokens: 3, output_tokens: 4 };

/** The events in which Anthropic would stream a message, its texts cut after each `cut` characters. */
export function eventsOf(
  { content, stop_reason = 'end_turn', stop_details, usage: used = usage }: Native,
  cut = 3,
): object[] {
  const pieces = (text: unknown) => String(text).match(new RegExp(`[^]{1,${cut}}`, 'g')) ?? [];
  const blocks = content.flatMap((block, index) => {
    const delta = (fields: object) => ({ type: 'content_block_delta', index, delta: fields });
    const open: Block = { ...block };
    const deltas: object[] = [];
    if (block.type === 'text') {
      open['text'] = '';
      delete open['citations'];
      deltas.push(...pieces(block['text']).map((text) => delta({ type: 'text_delta', text })));
      const citations = (block['citations'] ?? []) as unknown[];
      deltas.push(...citations.map((citation) => delta({ type: 'citations_delta', citation })));
    } else if (block.type === 'thinking') {
      Object.assign(open, { thinking: '', signature: '' });
      deltas.push(...pieces(block['thinking']).map((thinking) => delta({ type: 'thinking_delta', thinking })));
      deltas.push(delta({ type: 'signature_delta', signature: block['signature'] }));
    } else if (block.type.endsWith('tool_use')) {
      open['input'] = {};
      const json = JSON.stringify(block['input']);
      deltas.push(delta({ type: 'input_json_delta', partial_json: '' }));
      if (json !== '{}')
        deltas.push(...pieces(json).map((partial_json) => delta({ type: 'input_json_delta', partial_json })));
    }
    return [
      { type: 'content_block_start', index, content_block: open },
      ...deltas,
      { type: 'content_block_stop', index },
    ];
  });
  return [
    { type: 'message_start', message: { ...head, content: [], usage: { ...used, output_tokens: 1 } } },
    { type: 'ping' },
    ...blocks,
    { type: 'message_delta', delta: { stop_reason, stop_details }, usage: used },
    { type: 'message_stop' },
  ];
}

type Answer = ChatAnswerMessage & { finish: string; native?: string };

export function fromJson(message: Native, request: Partial<ChatRequest> = {}): Answer {
  const json = { ...head, stop_reason: 'end_turn', usage, ...message };
  const { completion } = anthropicDialect().toCompletion(json, '', chatCall(request));
  const [choice] = completion.choices;
  if (!choice) throw new Error('no choice');
  const { finish_reason: finish, native_finish_reason: native, message: answer } = choice;
  return { ...answer, finish, ...(native !== undefined && { native }) };
}

const fromStream = (message: Native, request: Partial<ChatRequest> = {}): Answer =>
  assembled(translateEvents(chatCall(request), eventsOf(message)).chunks);

/** A stream can't know that no text follows: its empty content is JSON's null. */
export const alike = (answer: Answer) => ({ ...answer, content: answer.content || null });

/** Both ways of answering; they must say the same. */
export function answer(message: Native, request: Partial<ChatRequest> = {}): Answer {
  const json = fromJson(message, request);
  expect(alike(fromStream(message, request))).toEqual(alike(json));
  return json;
}

export const text = (value: string, citations?: unknown[]): Block => ({
  type: 'text',
  text: value,
  ...(citations && { citations }),
});

export const use = (id: string, input: object = {}, name = 'f'): Block => ({ type: 'tool_use', id, name, input });

export const details = { format: 'anthropic-claude-v1' };
