import type { Turn } from './conversation-case.js';

type Fields = Readonly<Record<string, unknown>>;

/** What answers of a conversation left, for the requests that follow. */
export class LeftBehind {
  /** Ids of calls; one is known from the beginning. */
  readonly calls = new Set(['call_known', 'call_0']);
  readonly items = new Set(['msg_gone', 'rs_gone']);
  /** Messages, items, and contents as they came, by the route that they came on. */
  readonly answers: Readonly<Record<'chat' | 'responses' | 'messages' | 'gemini', Fields[]>> = {
    chat: [],
    responses: [],
    messages: [],
    gemini: [],
  };

  /** Looks through an answer: JSON, or the events of a stream. */
  read(text: string): void {
    const lines = text.startsWith('{') ? [text] : text.split('\n').filter((line) => line.startsWith('data: {'));
    for (const line of lines) {
      try {
        this.#walk(JSON.parse(line.replace(/^data: /, '')), '');
      } catch {
        // The client left in the middle of it.
      }
    }
  }

  #walk(value: unknown, place: string): void {
    if (Array.isArray(value)) for (const inner of value) this.#walk(inner, place);
    else if (typeof value === 'object' && value !== null) this.#object(value as Fields, place);
  }

  #object(value: Fields, place: string): void {
    const { type, id, call_id: callId } = value;
    if (typeof callId === 'string') this.calls.add(callId);
    if (typeof id === 'string') {
      if (type === 'function' || type === 'tool_use' || place === 'functionCall') this.calls.add(id);
      else if (place === 'output' || place === 'item') this.items.add(id);
    }
    if (place === 'message' && Array.isArray(value['tool_calls'])) this.answers.chat.push(value);
    else if (place === 'output' && typeof type === 'string') this.answers.responses.push(value);
    else if (type === 'message' && value['role'] === 'assistant' && place === '') this.answers.messages.push(value);
    else if (place === 'content' && value['role'] === 'model') this.answers.gemini.push(value);
    for (const [name, inner] of Object.entries(value)) this.#walk(inner, name);
  }
}

const ASK = { role: 'user', content: 'hi' };

/** The request of a turn, which names what was left. */
export function requestOf(turn: Turn, left: LeftBehind): { readonly path: string; readonly body: object } {
  const { model, limit, stream } = turn;
  switch (turn.route) {
    case 'chat':
      return {
        path: '/v1/chat/completions',
        body: { model, max_tokens: limit, stream, messages: [ASK, ...named(turn, left, CHAT), ASK] },
      };
    case 'chat with input':
      return {
        path: '/v1/chat/completions',
        body: { model, max_tokens: limit, stream, input: [ASK, ...named(turn, left, RESPONSES), ASK] },
      };
    case 'responses':
      return {
        path: '/v1/responses',
        body: { model, max_output_tokens: limit, stream, input: [ASK, ...named(turn, left, RESPONSES), ASK] },
      };
    case 'messages':
      return {
        path: '/v1/messages',
        body: { model, max_tokens: limit, stream, messages: [ASK, ...named(turn, left, MESSAGES), ASK] },
      };
    case 'gemini': {
      const ask = { role: 'user', parts: [{ text: 'hi' }] };
      return {
        path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: {
          generationConfig: { maxOutputTokens: limit },
          contents: [ask, ...named(turn, left, GEMINI), ask],
        },
      };
    }
  }
}

/** How a route writes what was left. */
interface Form {
  readonly answers: keyof LeftBehind['answers'];
  call(id: string): readonly object[];
  item(id: string): object | undefined;
  answer(answer: Fields): readonly object[];
}

function named({ names, times }: Turn, left: LeftBehind, form: Form): object[] {
  const once = (): readonly object[] => {
    switch (names) {
      case 'calls':
        return [...left.calls].flatMap((id) => form.call(id));
      case 'items':
        return [...left.items].map((id) => form.item(id)).filter((item) => item !== undefined);
      case 'answers':
        return left.answers[form.answers].slice(-4).flatMap((answer) => form.answer(answer));
      case 'nothing':
        return [];
    }
  };
  return Array.from({ length: times }, once).flat();
}

const CHAT: Form = {
  answers: 'chat',
  call: (id) => [
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: id, content: 'x' },
  ],
  item: () => undefined,
  answer: (message) => [
    message,
    ...(message['tool_calls'] as readonly Fields[]).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'x' })),
  ],
};

const RESPONSES: Form = {
  answers: 'responses',
  call: (id) => [
    { type: 'function_call', call_id: id, name: 'look', arguments: '{}' },
    { type: 'function_call_output', call_id: id, output: 'x' },
  ],
  item: (id) => ({ type: 'item_reference', id }),
  answer: (item) => [
    item,
    ...(item['type'] === 'function_call'
      ? [{ type: 'function_call_output', call_id: item['call_id'], output: 'x' }]
      : []),
  ],
};

const MESSAGES: Form = {
  answers: 'messages',
  call: (id) => [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'look', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] },
  ],
  item: () => undefined,
  answer: ({ content }) => [
    { role: 'assistant', content },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'x' },
        ...(content as readonly Fields[])
          .filter(({ type }) => type === 'tool_use')
          .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'x' })),
      ].toReversed(),
    },
  ],
};

const GEMINI: Form = {
  answers: 'gemini',
  call: (id) => [
    { role: 'model', parts: [{ functionCall: { id, name: 'look', args: {} } }] },
    { role: 'user', parts: [{ functionResponse: { id, name: 'look', response: {} } }] },
  ],
  item: () => undefined,
  answer: (content) => [content, { role: 'user', parts: [{ functionResponse: { name: 'look', response: {} } }] }],
};
