import { expect, test } from 'vitest';
import { MessageEvents } from '../../../src/anthropic-api/message-events.js';
import { NO_USAGE } from '../../../src/lib/usage.js';
import type { ChatCompletionChunk, ToolCallDelta } from '../../../src/openai-api/chat-chunk.js';

function chunk(calls: ToolCallDelta[]): ChatCompletionChunk {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { tool_calls: calls }, logprobs: null, finish_reason: null }],
  };
}

const begin = (index: number, name: string): ToolCallDelta => ({
  index,
  id: `call_${name}`,
  type: 'function',
  function: { name, arguments: '' },
});
const goOn = (index: number, text: string): ToolCallDelta => ({ index, function: { arguments: text } });

test('calls that are all announced before their arguments come get each its own', () => {
  const stream = new MessageEvents({ model: 'm', messages: [] }, 'req_1');
  const events = [
    ...stream.chunk(chunk([begin(0, 'one'), begin(1, 'two'), begin(2, 'none')])),
    ...stream.chunk(chunk([goOn(1, '{"b"')])),
    ...stream.chunk(chunk([goOn(0, '{"a":1}')])),
    ...stream.chunk(chunk([goOn(1, ':2}')])),
    ...stream.end(NO_USAGE),
  ];
  const inputs: Record<string, string> = {};
  let name = '';
  for (const { type, content_block: block, delta } of events as {
    type: string;
    content_block: { name: string };
    delta: { partial_json: string };
  }[]) {
    if (type === 'content_block_start') {
      name = block.name;
      inputs[name] = '';
    } else if (type === 'content_block_delta') inputs[name] += delta.partial_json;
  }
  expect(inputs).toEqual({ one: '{"a":1}', two: '{"b":2}', none: '' });
});
