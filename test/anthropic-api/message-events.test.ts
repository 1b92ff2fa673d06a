import { describe, expect, test } from 'vitest';
import { type MessageEvent, MessageEvents } from '../../src/anthropic-api/message-events.js';
import type { MessagesRequest } from '../../src/anthropic-api/messages-request.js';
import { NO_USAGE } from '../../src/lib/usage.js';
import type { ChatDelta } from '../../src/openai-api/chat-chunk.js';

const REQUEST: MessagesRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'Go.' }],
  thinking: { type: 'enabled', budget_tokens: 2_000 },
};

const begun = (name: string, args = ''): ChatDelta => ({
  tool_calls: [{ index: 0, id: name, type: 'function', function: { name, arguments: args } }],
});
const more = (args: string): ChatDelta => ({ tool_calls: [{ index: 0, function: { arguments: args } }] });

/** The blocks of a stream in short, each as it begins, goes on and ends. */
function blocksOf(...deltas: ChatDelta[]): string[] {
  const made = new MessageEvents(REQUEST, 'req_1');
  const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' } as const;
  const events = deltas.flatMap((delta) =>
    made.chunk({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] }),
  );
  return [...events, ...made.end(NO_USAGE)].flatMap(inShort);
}

function inShort({ type, ...event }: MessageEvent): string[] {
  if (type === 'content_block_start') return [`${(event['content_block'] as { type: string }).type} {`];
  if (type === 'content_block_stop') return ['}'];
  if (type !== 'content_block_delta') return [];
  const { signature: _, type: __, ...said } = event['delta'] as Record<string, string>;
  return Object.values(said);
}

describe('a block begins when the one before it is complete', () => {
  test('also where a text comes between the pieces of a call', () => {
    expect(blocksOf(begun('f', '{"a":'), { content: 'Hi.' }, more('1}'))).toEqual([
      ...['tool_use {', '{"a":', '1}', '}'],
      ...['text {', 'Hi.', '}'],
    ]);
  });

  test('and a call that is complete is not begun again', () => {
    expect(blocksOf(begun('f', '{}'), { reasoning_content: 'Hm.' }, { content: 'Hi.' })).toEqual([
      ...['tool_use {', '{}', '}'],
      ...['thinking {', 'Hm.', '}'],
      ...['text {', 'Hi.', '}'],
    ]);
  });

  test('and what waits for a call that is never complete comes with the end', () => {
    expect(blocksOf(begun('f', '{"a":'), { content: 'Hi.' })).toEqual([
      ...['tool_use {', '{"a":', '}'],
      ...['text {', 'Hi.', '}'],
    ]);
  });
});
