import { fakeOpenAI } from './fake-openai.js';
import { FAKE_SIGNATURES, type FakeContent, type FakeFrames, type FakeWire, framesOf, textOf } from './fake-wire.js';

const ID = 'fake0000000000000000000001';

/** OpenAI's Responses API. Source: OpenAI API reference, responses and their streaming events. */
export const responses: FakeWire = {
  whole: (content) => ended(content, itemsOf(content)),
  stream(content): FakeFrames {
    const head = { ...responseOf(content), status: 'in_progress', output: [] };
    let sequence = 0;
    const event = (type: string, fields: object) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
    const opening = [event('response.created', { response: head }), event('response.in_progress', { response: head })];
    const items = itemsOf(content);
    const frames: FakeFrames['content'][number][] = items.flatMap((item) =>
      item.type === 'reasoning' ? reasoningFrames(item, content.thinking ?? '', event) : [],
    );
    const place = items.findIndex(({ type }) => type === 'message');
    if (content.pieces.some((piece) => typeof piece === 'string'))
      frames.push(...messageFrames(content, Math.max(place, 0), event));
    for (const [index, item] of items.entries())
      if (item.type === 'function_call') frames.push(...callFrames(item, index, event));
    for (const piece of content.pieces) if (typeof piece !== 'string' && !frames.includes(piece)) frames.push(piece);
    const response = ended(content, items);
    return { opening, content: frames, terminal: [event(`response.${statusOf(content)}`, { response })] };
  },
  error: fakeOpenAI.error,
};

type Event = (type: string, fields: object) => string;

interface Item {
  readonly type: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

function reasoningFrames(item: Item, text: string, event: Event): string[] {
  const place = { item_id: item.id, output_index: 0, summary_index: 0 };
  const part = { type: 'summary_text', text };
  return [
    event('response.output_item.added', { output_index: 0, item: { ...item, summary: [], encrypted_content: '' } }),
    event('response.reasoning_summary_part.added', { ...place, part: { ...part, text: '' } }),
    event('response.reasoning_summary_text.delta', { ...place, delta: text }),
    event('response.reasoning_summary_text.done', { ...place, text }),
    event('response.reasoning_summary_part.done', { ...place, part }),
    event('response.output_item.done', { output_index: 0, item }),
  ];
}

function messageFrames(content: FakeContent, index: number, event: Event): FakeFrames['content'][number][] {
  const item = messageItem(content);
  const place = { item_id: item.id, output_index: index, content_index: 0 };
  const empty = { type: 'output_text', text: '', annotations: [], logprobs: [] };
  const text = textOf(content);
  return [
    event('response.output_item.added', {
      output_index: index,
      item: { ...item, status: 'in_progress', content: [] },
    }),
    event('response.content_part.added', { ...place, part: empty }),
    ...framesOf(content.pieces, (delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] })),
    event('response.output_text.done', { ...place, text, logprobs: [] }),
    event('response.content_part.done', { ...place, part: { ...empty, text } }),
    event('response.output_item.done', { output_index: index, item }),
  ];
}

function callFrames(item: Item, index: number, event: Event): string[] {
  const place = { item_id: item.id, output_index: index };
  const { arguments: text, name } = item;
  return [
    event('response.output_item.added', {
      output_index: index,
      item: { ...item, arguments: '', status: 'in_progress' },
    }),
    event('response.function_call_arguments.delta', { ...place, delta: text }),
    event('response.function_call_arguments.done', { ...place, name, arguments: text }),
    event('response.output_item.done', { output_index: index, item }),
  ];
}

function itemsOf(content: FakeContent): Item[] {
  const calls = content.toolCalls.map((call, index) => ({
    type: 'function_call',
    id: `fc_${ID}${index}`,
    call_id: call.id ?? `call_${index}`,
    name: call.name,
    arguments: JSON.stringify(call.arguments),
    status: 'completed',
  }));
  return [...reasoningItems(content), ...(textOf(content) === '' ? [] : [messageItem(content)]), ...calls];
}

/** Sent back, it must be as it was: `encrypted_content` is what a model reads of it where nothing is stored. */
function reasoningItems({ thinking }: FakeContent): Item[] {
  if (!thinking) return [];
  const summary = [{ type: 'summary_text', text: thinking }];
  return [{ type: 'reasoning', id: `rs_${ID}`, summary, encrypted_content: FAKE_SIGNATURES.openai }];
}

function messageItem(content: FakeContent): Item {
  const part = { type: 'output_text', text: textOf(content), annotations: [], logprobs: [] };
  return { type: 'message', id: `msg_${ID}`, status: statusOf(content), role: 'assistant', content: [part] };
}

function ended(content: FakeContent, output: readonly Item[]): object {
  const { input, output: written } = content.usage;
  return {
    ...responseOf(content),
    status: statusOf(content),
    incomplete_details: content.finish === 'length' ? { reason: 'max_output_tokens' } : null,
    output,
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: written,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + written,
    },
  };
}

function responseOf({ model }: FakeContent): object {
  return {
    id: `resp_${ID}`,
    object: 'response',
    created_at: 1_760_000_000,
    error: null,
    incomplete_details: null,
    instructions: null,
    model,
    parallel_tool_calls: true,
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    metadata: {},
  };
}

function statusOf({ finish }: FakeContent): string {
  return finish === 'length' ? 'incomplete' : 'completed';
}
