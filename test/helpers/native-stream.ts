import type { RecordedProvider } from './recordings.js';

type Fields = Record<string, unknown>;

/** The events with which a provider streams the answer that `json` holds whole. */
export function nativeStream(provider: RecordedProvider, json: Fields): string {
  switch (provider) {
    case 'google':
      return `data: ${JSON.stringify(json)}\r\n\r\n`;
    case 'anthropic':
      return anthropicEvents(json)
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        .join('');
    case 'openai':
    case 'compatible':
      return `${openaiChunks(json)
        .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
        .join('')}data: [DONE]\n\n`;
  }
}

function openaiChunks(json: Fields): Fields[] {
  const { choices, usage, object, ...envelope } = json;
  const chunk = (fields: Fields) => ({ ...envelope, object: 'chat.completion.chunk', ...fields });
  const [choice] = choices as { index: number; finish_reason: string; message: Fields }[];
  const { role, content, tool_calls: calls, ...others } = choice?.message ?? {};
  const delta = (fields: Fields, finish: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: fields, logprobs: null, finish_reason: finish }] });
  const texts = typeof content === 'string' ? (content.match(/[\s\S]{1,40}/gu) ?? []) : [content];
  return [
    delta({ role: 'assistant', content: typeof content === 'string' ? '' : null }),
    delta(others),
    ...texts.map((text) => delta({ content: text })),
    ...((calls ?? []) as Fields[]).map((call, index) => delta({ tool_calls: [{ index, ...call }] })),
    delta({}, choice?.finish_reason),
    chunk({ choices: [], usage }),
  ];
}

function anthropicEvents(json: Fields): Fields[] {
  const { content, stop_reason, stop_sequence, usage, stop_details, container, ...message } = json;
  const blocks = content as Fields[];
  return [
    {
      type: 'message_start',
      message: {
        ...message,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...(usage as Fields), output_tokens: 1 },
      },
    },
    ...blocks.flatMap((block, index) => [
      { type: 'content_block_start', index, content_block: opened(block) },
      ...deltasOf(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence, ...(stop_details !== undefined && { stop_details }) },
      usage,
    },
    { type: 'message_stop' },
  ];
}

/** A block as it looks before its deltas. */
function opened(block: Fields): Fields {
  switch (block.type) {
    case 'text': {
      const { citations, ...rest } = block;
      return { ...rest, text: '' };
    }
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return { ...block, input: {} };
    default:
      return block;
  }
}

function deltasOf(block: Fields): Fields[] {
  switch (block.type) {
    case 'text':
      return [
        ...((block.citations ?? []) as Fields[]).map((citation) => ({ type: 'citations_delta', citation })),
        ...(block.text ? [{ type: 'text_delta', text: block.text }] : []),
      ];
    case 'thinking':
      return [
        { type: 'thinking_delta', thinking: block.thinking },
        { type: 'signature_delta', signature: block.signature },
      ];
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return isEmpty(block.input) ? [] : [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }];
    default:
      return [];
  }
}

function isEmpty(value: unknown): boolean {
  return Object.keys((value ?? {}) as object).length === 0;
}
