import { describe, expect, it, test } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import type { ChatMessage, ChatRequest } from '../../../src/openai-api/chat-request.js';
import { STAND_IN_SIGNATURE } from '../../../src/providers/google/thought-signature.js';
import { chatCall, countingDialect, nativeBody } from './support/call.js';

const PNG = 'iVBORw0KGgo=';

function call(id: string, name: string, args = '{}', extra: object = {}) {
  return { id, type: 'function' as const, function: { name, arguments: args }, ...extra };
}

function contents(messages: ChatMessage[], model = 'gemini-2.5-flash') {
  return nativeBody({ messages }, { model })['contents'];
}

function failure(messages: unknown[]): { code: string; status: number; param: string | null } {
  try {
    countingDialect().toRequest(chatCall({ messages: messages as ChatRequest['messages'] }), false);
  } catch (thrown) {
    if (GatewayError.isInstance(thrown)) return { code: thrown.code, status: thrown.status, param: thrown.param };
    throw thrown;
  }
  throw new Error('the request was accepted');
}

describe('system messages', () => {
  it('become one systemInstruction, wherever they stand', () => {
    const body = nativeBody({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'developer', content: [{ type: 'text', text: 'In French.' }] },
      ],
    });
    expect(body['systemInstruction']).toEqual({ parts: [{ text: 'Be brief.' }, { text: 'In French.' }] });
    expect(body['contents']).toEqual([{ role: 'user', parts: [{ text: 'Hi' }] }]);
  });

  it('alone get an empty user turn beside them', () => {
    expect(contents([{ role: 'system', content: 'Tell a joke.' }])).toEqual([{ role: 'user', parts: [{ text: '' }] }]);
  });

  it('go before the first user text for Gemma, which has no systemInstruction', () => {
    const body = nativeBody(
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
      },
      { model: 'gemma-3-27b-it' },
    );
    expect(body['systemInstruction']).toBeUndefined();
    expect(body['contents']).toEqual([{ role: 'user', parts: [{ text: 'Be brief.\n\nHi' }] }]);
  });
});

describe('turns', () => {
  it('of one role in a row are one content', () => {
    expect(
      contents([
        { role: 'user', content: 'a' },
        { role: 'user', content: [{ type: 'text', text: 'b' }] },
        { role: 'assistant', content: 'c' },
        { role: 'assistant', content: 'd' },
      ]),
    ).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] },
    ]);
  });

  it('begin with the user even where the history begins with the model', () => {
    expect(contents([{ role: 'assistant', content: 'Hello' }])).toEqual([
      { role: 'user', parts: [{ text: '' }] },
      { role: 'model', parts: [{ text: 'Hello' }] },
    ]);
  });

  it.each([[null], [''], [[]]])('of the model keep their place when their content is %j', (content) => {
    expect(
      contents([
        { role: 'user', content: 'a' },
        { role: 'assistant', content },
      ]),
    ).toEqual([
      { role: 'user', parts: [{ text: 'a' }] },
      { role: 'model', parts: [{ text: '' }] },
    ]);
  });

  it('that were refusals are sent as their text', () => {
    expect(
      contents([
        { role: 'user', content: 'a' },
        { role: 'assistant', content: null, refusal: 'No.' },
      ]),
    ).toEqual([
      { role: 'user', parts: [{ text: 'a' }] },
      { role: 'model', parts: [{ text: 'No.' }] },
    ]);
  });
});

describe('tool results', () => {
  const asked: ChatMessage[] = [
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: null, tool_calls: [call('c1', 'first', '{"a":1}'), call('c2', 'second', '')] },
  ];

  it('of one turn stand in one content, in the order of the calls, before other parts', () => {
    expect(
      contents([
        ...asked,
        { role: 'tool', tool_call_id: 'c2', content: 'two' },
        { role: 'user', content: 'and hurry' },
        { role: 'tool', tool_call_id: 'c1', content: '{"n":1}' },
      ]),
    ).toEqual([
      { role: 'user', parts: [{ text: 'Go' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'c1', name: 'first', args: { a: 1 } } },
          { functionCall: { id: 'c2', name: 'second', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'c1', name: 'first', response: { n: 1 } } },
          { functionResponse: { id: 'c2', name: 'second', response: { output: 'two' } } },
          { text: 'and hurry' },
        ],
      },
    ]);
  });

  it.each([
    ['{"a":[1]}', { a: [1] }],
    ['plain', { output: 'plain' }],
    ['', { output: '' }],
    ['[1,2]', { output: [1, 2] }],
    ['42', { output: 42 }],
    ['007', { output: '007' }],
    ['1e3', { output: '1e3' }],
    ['null', { output: null }],
    ['"x"', { output: 'x' }],
    ['{"id":12345678901234567890}', { output: '{"id":12345678901234567890}' }],
  ])('of text %s are the object %j', (content, response) => {
    const turns = contents([...asked, { role: 'tool', tool_call_id: 'c1', content }]) as { parts: unknown[] }[];
    expect(turns[2]?.parts[0]).toEqual({ functionResponse: { id: 'c1', name: 'first', response } });
  });

  it('keep the order of the calls where ids come back in every turn', () => {
    const again: ChatMessage = { role: 'assistant', tool_calls: [call('c1', 'third'), call('c2', 'fourth')] };
    const turns = contents([
      ...asked,
      { role: 'tool', tool_call_id: 'c1', content: '1' },
      { role: 'tool', tool_call_id: 'c2', content: '2' },
      again,
      { role: 'tool', tool_call_id: 'c2', content: '4' },
      { role: 'tool', tool_call_id: 'c1', content: '3' },
    ]) as { parts: { functionResponse?: { name: string } }[] }[];
    expect(turns[4]?.parts.map((part) => part.functionResponse?.name)).toEqual(['third', 'fourth']);
  });

  it('take the name of the latest call with their id', () => {
    const turns = contents([
      ...asked,
      { role: 'tool', tool_call_id: 'c1', content: '1' },
      { role: 'tool', tool_call_id: 'c2', content: '2' },
      { role: 'assistant', tool_calls: [call('c1', 'third')] },
      { role: 'tool', tool_call_id: 'c1', content: '3' },
    ]) as { parts: { functionResponse?: { name: string } }[] }[];
    expect(turns.flatMap(({ parts }) => parts).flatMap((part) => part.functionResponse?.name ?? [])).toEqual([
      'first',
      'second',
      'third',
    ]);
  });

  it('of an unknown call are told by the user', () => {
    const turns = contents([
      { role: 'user', content: 'hi' },
      { role: 'tool', tool_call_id: 'nope', content: 'x' },
    ]);
    expect(turns).toEqual([
      { role: 'user', parts: [{ text: 'hi' }, { text: 'The result of an earlier tool call:\nx' }] },
    ]);
  });

  it('with pictures carry them inside for Gemini 3 and beside for older models', () => {
    const messages: ChatMessage[] = [
      ...asked,
      {
        role: 'tool',
        tool_call_id: 'c1',
        content: [
          { type: 'text', text: 'here' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
        ],
      },
      { role: 'tool', tool_call_id: 'c2', content: '2' },
    ];
    const second = { functionResponse: { id: 'c2', name: 'second', response: { output: 2 } } };
    const picture = { inlineData: { mimeType: 'image/png', data: PNG } };
    const response = { output: 'here' };
    expect((contents(messages, 'gemini-3-flash') as unknown[])[2]).toEqual({
      role: 'user',
      parts: [{ functionResponse: { id: 'c1', name: 'first', response, parts: [picture] } }, second],
    });
    expect((contents(messages) as unknown[])[2]).toEqual({
      role: 'user',
      parts: [{ functionResponse: { id: 'c1', name: 'first', response } }, second, picture],
    });
  });

  it('in the deprecated form find their place too', () => {
    expect(
      contents([
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"x":1}' } },
        { role: 'function', name: 'f', content: 'done' },
      ]),
    ).toEqual([
      { role: 'user', parts: [{ text: 'Go' }] },
      { role: 'model', parts: [{ functionCall: { name: 'f', args: { x: 1 } } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'done' } } }] },
    ]);
  });
});

describe('thought signatures', () => {
  const SIGNATURE = 'CiQB4/H+Xg==';
  const extra = { extra_content: { google: { thought_signature: SIGNATURE } } };

  function modelParts(message: object, model = 'gemini-3-pro-preview') {
    const messages = [
      { role: 'user', content: 'Go' },
      { role: 'assistant', ...message },
    ] as ChatMessage[];
    return (contents(messages, model) as { parts: Record<string, unknown>[] }[])[1]?.parts;
  }

  it.each([
    ['extra_content of the call', { tool_calls: [call('c1', 'f', '{}', extra)] }],
    ["LiteLLM's id", { tool_calls: [call(`c1__thought__${SIGNATURE}`, 'f')] }],
    [
      "OpenRouter's reasoning_details by id",
      {
        tool_calls: [call('c1', 'f')],
        reasoning_details: [{ type: 'reasoning.encrypted', id: 'c1', format: 'google-gemini-v1', data: SIGNATURE }],
      },
    ],
    [
      "OpenRouter's reasoning_details without an id",
      {
        tool_calls: [call('c1', 'f')],
        reasoning_details: [{ type: 'reasoning.encrypted', format: 'google-gemini-v1', data: SIGNATURE }],
      },
    ],
  ])('return from %s', (_, message) => {
    expect(modelParts(message)).toEqual([
      { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: SIGNATURE },
    ]);
  });

  it('of a text return with the text, or on an empty one', () => {
    expect(modelParts({ content: 'Hi', ...extra })).toEqual([{ text: 'Hi', thoughtSignature: SIGNATURE }]);
    expect(modelParts({ content: null, ...extra })).toEqual([{ text: '', thoughtSignature: SIGNATURE }]);
  });

  it('have a stand-in on the first call alone, for Gemini 3 alone', () => {
    const message = { tool_calls: [call('c1', 'f'), call('c2', 'g')] };
    expect(modelParts(message)?.map((part) => part['thoughtSignature'])).toEqual([STAND_IN_SIGNATURE, undefined]);
    expect(modelParts(message, 'gemini-2.5-flash')?.map((part) => part['thoughtSignature'])).toEqual([
      undefined,
      undefined,
    ]);
    expect(atob(STAND_IN_SIGNATURE)).toBe('context_engineering_is_the_way_to_go');
  });

  it('that a client has lost are remembered, for the same account and call alone', () => {
    const dialect = countingDialect();
    const part = { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: SIGNATURE };
    const answer = { candidates: [{ content: { parts: [part] }, finishReason: 'STOP' }] };
    dialect.toCompletion(answer, '', chatCall());
    const sent = (name: string, accountId: string) => {
      const messages: ChatMessage[] = [{ role: 'assistant', tool_calls: [call('c1', name)] }];
      const { body } = dialect.toRequest(chatCall({ messages }, { accountId }), false);
      return JSON.parse(String(body)).contents[1].parts[0].thoughtSignature;
    };
    expect(sent('f', 'user_1')).toBe(SIGNATURE);
    expect(sent('f', 'user_2')).toBeUndefined();
    expect(sent('g', 'user_1')).toBeUndefined();
  });

  it('that are no base64 count as lost', () => {
    const bad = { extra_content: { google: { thought_signature: 'not base64!' } } };
    expect(modelParts({ tool_calls: [call('c1', 'f', '{}', bad)] })?.[0]?.['thoughtSignature']).toBe(
      STAND_IN_SIGNATURE,
    );
  });

  it("of Anthropic's reasoning are not taken for Google's", () => {
    const foreign = { type: 'reasoning.text', text: 'hm', signature: SIGNATURE, format: 'anthropic-claude-v1' };
    const message = { content: 'Hi', reasoning_details: [foreign], reasoning_content: 'hm' };
    expect(modelParts(message)).toEqual([{ text: 'Hi' }]);
  });
});

describe('media', () => {
  it.each([
    [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }, 'image/png', PNG],
    [{ type: 'image_url', image_url: { url: `data:image/JPG;charset=x;base64,${PNG}` } }, 'image/jpeg', PNG],
    [{ type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg/%3E' } }, 'image/svg+xml', btoa('<svg/>')],
    [{ type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } }, 'audio/wav', 'UklG'],
    [{ type: 'input_audio', input_audio: { data: 'SUQz', format: 'mp3' } }, 'audio/mp3', 'SUQz'],
    [{ type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERg==' } }, 'application/pdf', 'JVBERg=='],
    [{ type: 'file', file: { filename: 'a.PDF', file_data: 'JVBERg==' } }, 'application/pdf', 'JVBERg=='],
  ])('%j goes inline', (part, mimeType, data) => {
    expect(contents([{ role: 'user', content: [part] }] as ChatMessage[])).toEqual([
      { role: 'user', parts: [{ inlineData: { mimeType, data } }] },
    ]);
  });

  const FILE = 'https://generativelanguage.googleapis.com/v1beta/files/abc-123';
  it.each([
    ['https://x.test/a.PNG?size=2#top', { fileUri: 'https://x.test/a.PNG?size=2#top', mimeType: 'image/png' }],
    ['https://x.test/picture', { fileUri: 'https://x.test/picture', mimeType: 'image/jpeg' }],
    ['gs://bucket/a.webp', { fileUri: 'gs://bucket/a.webp', mimeType: 'image/webp' }],
    [FILE, { fileUri: FILE }],
  ])('the picture %s goes by reference', (url, fileData) => {
    const messages: ChatMessage[] = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
    expect(contents(messages)).toEqual([{ role: 'user', parts: [{ fileData }] }]);
  });

  it("a file of the Gemini API goes by reference, another provider's is refused", () => {
    const messages = (id: string): ChatMessage[] => [
      { role: 'user', content: [{ type: 'file', file: { file_id: id } }] },
    ];
    expect(contents(messages(FILE))).toEqual([{ role: 'user', parts: [{ fileData: { fileUri: FILE } }] }]);
    expect(failure(messages('file-abc123'))).toEqual({
      code: 'unsupported_value',
      status: 400,
      param: 'messages[0].content[0].file.file_id',
    });
  });
});

describe('messages without a native form', () => {
  const user = (part: unknown) => [
    { role: 'user', content: ['text', part].map((p) => (p === 'text' ? { type: 'text', text: 'a' } : p)) },
  ];
  it.each([
    ['an unknown part', user({ type: 'video', video: {} }), 'messages[0].content[1].type'],
    [
      'a broken data URL',
      user({ type: 'image_url', image_url: { url: 'data:image/png;base64,%%' } }),
      'messages[0].content[1].image_url.url',
    ],
    [
      'a data URL without a comma',
      user({ type: 'image_url', image_url: { url: 'data:image/png' } }),
      'messages[0].content[1].image_url.url',
    ],
    [
      'a URL of another scheme',
      user({ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }),
      'messages[0].content[1].image_url.url',
    ],
    [
      'an unknown audio format',
      user({ type: 'input_audio', input_audio: { data: 'x', format: 'pcm16' } }),
      'messages[0].content[1].input_audio.format',
    ],
    [
      'file data of unknown type',
      user({ type: 'file', file: { file_data: 'AAAA' } }),
      'messages[0].content[1].file.file_data',
    ],
    ['an empty file', user({ type: 'file', file: {} }), 'messages[0].content[1].file.file_id'],
    [
      'a picture in a system message',
      [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] }],
      'messages[0].content[0].type',
    ],
    ['earlier audio output', [{ role: 'assistant', audio: { id: 'audio_1' } }], 'messages[0].audio'],
    [
      'a custom tool call',
      [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'x', input: '' } }] }],
      'messages[0].tool_calls[0].type',
    ],
    ['an unknown role', [{ role: 'narrator', content: 'x' }], 'messages[0].role'],
  ])('%s is refused', (_, messages, param) => {
    expect(failure(messages)).toMatchObject({ status: 400, param });
  });
});

test.each([
  ['{"a":', { _raw: '{"a":' }],
  ['[1]', { _raw: '[1]' }],
  ['null', {}],
])('arguments %s of an earlier call become %j', (args, native) => {
  const history: ChatMessage[] = [
    { role: 'user', content: 'Go.' },
    { role: 'assistant', content: null, tool_calls: [call('c', 'f', args)] },
    { role: 'tool', tool_call_id: 'c', content: 'These are no arguments.' },
  ];
  expect(contents(history)).toContainEqual({
    role: 'model',
    parts: [{ functionCall: { id: 'c', name: 'f', args: native } }],
  });
});
