type Json = Readonly<Record<string, unknown>>;

/** What a client of any format takes out of an answer. */
export interface Said {
  readonly text: string;
  readonly thoughts: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  /** Input and output. */
  readonly tokens: readonly [number, number];
  /** The answer says that it is complete. */
  readonly ended: boolean;
}

const list = (value: unknown) => (Array.isArray(value) ? value : []) as Json[];
const json = (value: unknown) => (value ?? {}) as Json;
const text = (value: unknown) => (typeof value === 'string' ? value : '');
const count = (value: unknown) => (typeof value === 'number' ? value : 0);
const parsed = (value: string) => JSON.parse(value) as unknown;

/** A chat completion, or its chunks. */
function chat(answers: readonly Json[]): Said {
  const calls: { name: string; input: string }[] = [];
  let [said, thoughts, ended] = ['', '', false];
  let usage: Json = {};
  for (const answer of answers) {
    usage = json(answer['usage'] ?? usage);
    for (const choice of list(answer['choices'])) {
      const message = json(choice['message'] ?? choice['delta']);
      said += text(message['content']);
      thoughts += text(message['reasoning_content']);
      list(message['tool_calls']).forEach((call, position) => {
        const at = typeof call['index'] === 'number' ? call['index'] : position;
        calls[at] ??= { name: '', input: '' };
        calls[at].name += text(json(call['function'])['name']);
        calls[at].input += text(json(call['function'])['arguments']);
      });
      ended ||= typeof choice['finish_reason'] === 'string';
    }
  }
  return {
    text: said,
    thoughts,
    calls: calls.map(({ name, input }) => ({ name, input: parsed(input) })),
    tokens: [count(usage['prompt_tokens']), count(usage['completion_tokens'])],
    ended,
  };
}

/** A message of Anthropic's API, or its events. */
function messages(answers: readonly Json[]): Said {
  const [first] = answers;
  const blocks: Json[] = first?.['type'] === 'message' ? list(first['content']) : [];
  const pieces: string[] = [];
  let usage = json(first?.['usage']);
  let ended = typeof first?.['stop_reason'] === 'string';
  for (const event of answers) {
    const at = count(event['index']);
    const delta = json(event['delta']);
    if (event['type'] === 'content_block_start') blocks[at] = { ...json(event['content_block']) };
    if (event['type'] === 'content_block_delta')
      pieces[at] = (pieces[at] ?? '') + text(delta['text']) + text(delta['thinking']) + text(delta['partial_json']);
    if (event['type'] === 'message_delta') usage = json(event['usage']);
    ended ||= event['type'] === 'message_stop';
  }
  const of = (type: string, field: string) =>
    blocks.map((block, at) => (block['type'] === type ? text(block[field]) + (pieces[at] ?? '') : '')).join('');
  return {
    text: of('text', 'text'),
    thoughts: of('thinking', 'thinking'),
    calls: blocks.flatMap((block, at) =>
      block['type'] === 'tool_use'
        ? [{ name: text(block['name']), input: pieces[at] === undefined ? block['input'] : parsed(pieces[at]) }]
        : [],
    ),
    tokens: [count(usage['input_tokens']) + count(usage['cache_read_input_tokens']), count(usage['output_tokens'])],
    ended,
  };
}

/** A response, or its events: the last of them has all of it. */
function responses(answers: readonly Json[]): Said {
  const last = json(answers.at(-1));
  const response = json(last['response'] ?? last);
  const output = list(response['output']);
  const parts = (type: string, field: string) =>
    output.flatMap((item) => (item['type'] === type ? list(item[field]) : [])).map((part) => text(part['text']));
  const usage = json(response['usage']);
  return {
    text: parts('message', 'content').join(''),
    thoughts: parts('reasoning', 'summary').join(''),
    calls: output.flatMap((item) =>
      item['type'] === 'function_call' ? [{ name: text(item['name']), input: parsed(text(item['arguments'])) }] : [],
    ),
    tokens: [count(usage['input_tokens']), count(usage['output_tokens'])],
    ended: response['status'] === 'completed',
  };
}

/** An answer of Gemini's API, or its events. */
function gemini(answers: readonly Json[]): Said {
  const candidates = answers.flatMap((answer) => list(answer['candidates']));
  const parts = candidates.flatMap((candidate) => list(json(candidate['content'])['parts']));
  const usage = json(answers.at(-1)?.['usageMetadata']);
  return {
    text: parts.map((part) => (part['thought'] === true ? '' : text(part['text']))).join(''),
    thoughts: parts.map((part) => (part['thought'] === true ? text(part['text']) : '')).join(''),
    calls: parts.flatMap(({ functionCall: call }) =>
      call ? [{ name: text(json(call)['name']), input: json(call)['args'] }] : [],
    ),
    tokens: [
      count(usage['promptTokenCount']),
      count(usage['candidatesTokenCount']) + count(usage['thoughtsTokenCount']),
    ],
    ended: candidates.some((candidate) => typeof candidate['finishReason'] === 'string'),
  };
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };

/** How a client of one format asks, with tools and for thoughts, and reads what it gets. */
export interface ClientFormat {
  ask(model: string, stream: boolean): { readonly path: string; readonly body: object };
  /** @param answers the whole answer, or the values of the events. */
  read(answers: readonly Json[]): Said;
}

/** Every inbound format. */
export const CLIENT_FORMATS: Readonly<Record<string, ClientFormat>> = {
  'chat/completions': {
    ask: (model, stream) => ({
      path: 'chat/completions',
      body: {
        model,
        messages: [{ role: 'user', content: 'Weather?' }],
        tools: [{ type: 'function', function: { name: 'weather', parameters: SCHEMA } }],
        ...(stream && { stream, stream_options: { include_usage: true } }),
      },
    }),
    read: chat,
  },
  messages: {
    ask: (model, stream) => ({
      path: 'messages',
      body: {
        model,
        max_tokens: 4_000,
        thinking: { type: 'enabled', budget_tokens: 1_024 },
        messages: [{ role: 'user', content: 'Weather?' }],
        tools: [{ name: 'weather', input_schema: SCHEMA }],
        stream,
      },
    }),
    read: messages,
  },
  responses: {
    ask: (model, stream) => ({
      path: 'responses',
      body: {
        model,
        input: 'Weather?',
        reasoning: { summary: 'auto' },
        tools: [{ type: 'function', name: 'weather', parameters: SCHEMA }],
        stream,
      },
    }),
    read: responses,
  },
  generateContent: {
    ask: (model, stream) => ({
      path: `models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: {
        contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
        tools: [{ functionDeclarations: [{ name: 'weather', parameters: SCHEMA }] }],
        generationConfig: { thinkingConfig: { includeThoughts: true } },
      },
    }),
    read: gemini,
  },
};
