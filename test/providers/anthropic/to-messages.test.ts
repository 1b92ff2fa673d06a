import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssistantMessage, ChatMessage } from '../../../src/openai-api/chat-request.js';
import { bodyOf, droppedOf, native, OLDEST, user } from './native-request.js';

const call = (id: string, name = 'f', args = '{}') =>
  ({ id, type: 'function', function: { name, arguments: args } }) as const;
const calls = (...ids: string[]): AssistantMessage => ({ role: 'assistant', tool_calls: ids.map((id) => call(id)) });
const result = (id: string, content = 'ok'): ChatMessage => ({ role: 'tool', tool_call_id: id, content });
const text = (value: string) => ({ type: 'text', text: value });
const turns = (...messages: ChatMessage[]) => bodyOf({ messages }).messages;

describe('system and developer messages', () => {
  test('are hoisted from wherever they stand and joined by a line break', () => {
    const body = bodyOf({
      messages: [
        { role: 'system', content: 'one' },
        user('hi'),
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'two' },
            { type: 'text', text: 'three' },
          ],
        },
      ],
    });
    expect(body.system).toBe('one\ntwo\nthree');
    expect(body.messages).toEqual([{ role: 'user', content: [text('hi')] }]);
  });

  test('become blocks where one is a cache breakpoint', () => {
    const cached = { role: 'system', content: 'one', cache_control: { type: 'ephemeral' } } as const;
    expect(bodyOf({ messages: [cached, { role: 'system', content: 'two' }, user('hi')] }).system).toEqual([
      { ...text('one'), cache_control: { type: 'ephemeral' } },
      text('two'),
    ]);
  });

  test('alone stand in for the user, because Anthropic needs a message', () => {
    const body = bodyOf({ messages: [{ role: 'system', content: 'be brief' }] });
    expect(body).toMatchObject({ messages: [{ role: 'user', content: [text('be brief')] }] });
    expect(body).not.toHaveProperty('system');
  });

  test('that say nothing are left out', () => {
    expect(bodyOf({ messages: [{ role: 'system', content: ' ' }, user('hi')] })).not.toHaveProperty('system');
  });
});

describe('turns', () => {
  test('neighbours of one role are merged', () => {
    expect(
      turns(user('a'), user('b'), { role: 'assistant', content: 'c' }, { role: 'assistant', content: 'd' }),
    ).toEqual([
      { role: 'user', content: [text('a'), text('b')] },
      { role: 'assistant', content: [text('c'), text('d')] },
    ]);
  });

  test('texts of white space alone are left out, as is a turn that is nothing else', () => {
    expect(turns(user('a'), { role: 'assistant', content: ' \n' }, user(''), user('b'))).toEqual([
      { role: 'user', content: [text('a'), text('b')] },
    ]);
  });

  test('a conversation without any content is refused', () => {
    expect(() => turns(user(' '))).toThrow(expect.objectContaining({ status: 400, param: 'messages' }));
  });

  test('all results of one turn come in one user turn, in call order, before what the user says', () => {
    expect(turns(user('go'), calls('a', 'b'), user('also'), result('b'), result('a'))[2]).toEqual({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: [text('ok')] },
        { type: 'tool_result', tool_use_id: 'b', content: [text('ok')] },
        text('also'),
      ],
    });
  });

  test('an empty result has no content', () => {
    expect(turns(user('go'), calls('a'), result('a', ''))[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'a' },
    ]);
  });

  test('a result may hold images', () => {
    const url = 'https://example.com/a.png';
    const image: ChatMessage = {
      role: 'tool',
      tool_call_id: 'a',
      content: [{ type: 'image_url', image_url: { url } }],
    };
    expect(turns(user('go'), calls('a'), image)[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'image', source: { type: 'url', url } }] },
    ]);
  });

  test('an assistant message keeps the order thinking, text, calls', () => {
    const message: AssistantMessage = {
      role: 'assistant',
      content: 'let me look',
      tool_calls: [call('a')],
      reasoning_details: [
        { type: 'reasoning.text', text: 'hm', signature: 's', format: 'anthropic-claude-v1', index: 0 },
      ],
    };
    expect(turns(user('go'), message)[1]?.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
  });

  test('a refusal of an earlier turn is text', () => {
    expect(turns(user('go'), { role: 'assistant', refusal: 'no' }, user('why'))[1]?.content).toEqual([text('no')]);
    const part = { type: 'refusal', refusal: 'no' } as const;
    expect(turns(user('go'), { role: 'assistant', content: [part] }, user('why'))[1]?.content).toEqual([text('no')]);
  });

  test('a prefill is passed on as it is', () => {
    expect(turns(user('go'), { role: 'assistant', content: 'So, ' })[1]?.content).toEqual([text('So, ')]);
  });

  test('names have no place and are reported', () => {
    expect(droppedOf({ messages: [{ role: 'user', content: 'hi', name: 'ann' }] })).toEqual(['messages.name']);
  });
});

describe('arguments of earlier calls', () => {
  test.each([
    ['', {}],
    ['  ', {}],
    ['{"a":1}', { a: 1 }],
    ['[1]', { _raw: '[1]' }],
    ['{"a":', { _raw: '{"a":' }],
    ['null', {}],
  ])('%j become %j', (args, input) => {
    const message: AssistantMessage = { role: 'assistant', tool_calls: [call('a', 'f', args)] };
    expect(turns(user('go'), message, result('a'))[1]?.content).toEqual([
      { type: 'tool_use', id: 'a', name: 'f', input },
    ]);
  });
});

describe('ids of calls', () => {
  const idsOf = (...messages: ChatMessage[]) =>
    turns(user('go'), ...messages).flatMap(({ content }) =>
      content.flatMap((block) =>
        block.type === 'tool_use' ? [block.id] : block.type === 'tool_result' ? [block.tool_use_id] : [],
      ),
    );

  test('that Anthropic accepts are kept', () => {
    expect(idsOf(calls('toolu_01-A'), result('toolu_01-A'))).toEqual(['toolu_01-A', 'toolu_01-A']);
  });

  test('with other characters are rewritten in call and result alike', () => {
    expect(idsOf(calls('functions.x:0'), result('functions.x:0'))).toEqual(['functions_x_0', 'functions_x_0']);
  });

  test('that are empty or the same are told apart by their order', () => {
    expect(idsOf(calls('', ''), result(''), result(''))).toEqual(['call', 'call_2', 'call', 'call_2']);
  });

  test('that come again in a later turn are new ones there', () => {
    expect(idsOf(calls('a'), result('a'), calls('a'), result('a'))).toEqual(['a', 'a', 'a_2', 'a_2']);
  });

  test('are always valid and unique, and every result has its call', () => {
    const id = fc.oneof(fc.string({ maxLength: 80 }), fc.constantFrom('', 'a', 'a.b', 'a:b'));
    const turn = fc.uniqueArray(id, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 4 }), (conversation) => {
        const ids = idsOf(
          ...conversation.flatMap((turnIds) => [calls(...turnIds), ...turnIds.map((one) => result(one))]),
        );
        const used = new Set(ids);
        expect(used.size * 2).toBe(ids.length);
        for (const one of used) expect(one).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      }),
    );
  });
});

describe('the deprecated function messages', () => {
  test('become a call and its result', () => {
    const asked: AssistantMessage = {
      role: 'assistant',
      content: null,
      function_call: { name: 'f', arguments: '{"a":1}' },
    };
    expect(turns(user('go'), asked, { role: 'function', name: 'f', content: 'done' }).slice(1)).toEqual([
      { role: 'assistant', content: [{ type: 'tool_use', id: 'function_f', name: 'f', input: { a: 1 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'function_f', content: [text('done')] }] },
    ]);
  });
});

describe('thinking comes back', () => {
  const claude = { format: 'anthropic-claude-v1' } as const;
  const blocksOf = (message: Partial<AssistantMessage>, model?: string) =>
    bodyOf({
      ...(model && { model }),
      messages: [user('go'), { role: 'assistant', content: 'ab', ...message }, user('on')],
    }).messages[1]?.content;

  test.each<[string, Partial<AssistantMessage>, object[]]>([
    [
      'with its signature',
      { reasoning_details: [{ type: 'reasoning.text', text: 't', signature: 's', index: 0, ...claude }] },
      [{ type: 'thinking', thinking: 't', signature: 's' }, text('ab')],
    ],
    [
      'without its text, where the model showed none',
      { reasoning_details: [{ type: 'reasoning.text', signature: 's', ...claude }] },
      [{ type: 'thinking', thinking: '', signature: 's' }, text('ab')],
    ],
    [
      'redacted',
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', ...claude }] },
      [{ type: 'redacted_thinking', data: 'd' }, text('ab')],
    ],
    [
      'at its place in the text',
      { reasoning_details: [{ type: 'reasoning.text', text: 't', signature: 's', content_offset: 1, ...claude }] },
      [text('a'), { type: 'thinking', thinking: 't', signature: 's' }, text('b')],
    ],
    [
      "as LiteLLM's thinking_blocks",
      {
        thinking_blocks: [
          { type: 'thinking', thinking: 't', signature: 's' },
          { type: 'redacted_thinking', data: 'd' },
        ],
      },
      [{ type: 'thinking', thinking: 't', signature: 's' }, { type: 'redacted_thinking', data: 'd' }, text('ab')],
    ],
    ['but not unsigned', { reasoning_details: [{ type: 'reasoning.text', text: 't', ...claude }] }, [text('ab')]],
    [
      'but not from another provider',
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 't', signature: 's', format: 'google-gemini-v1' },
          { type: 'reasoning.encrypted', data: 'd' },
        ],
      },
      [text('ab')],
    ],
    [
      'with what Anthropic did itself',
      {
        reasoning_details: [
          {
            type: 'anthropic.block',
            block: { type: 'server_tool_use', id: 'x', name: 'web_search', input: {} },
            ...claude,
          },
        ],
      },
      [{ type: 'server_tool_use', id: 'x', name: 'web_search', input: {} }, text('ab')],
    ],
    [
      'but no block that a client could forge',
      { reasoning_details: [{ type: 'anthropic.block', block: { type: 'tool_result', tool_use_id: 'x' }, ...claude }] },
      [text('ab')],
    ],
  ])('%s', (_title, message, blocks) => {
    expect(blocksOf(message)).toEqual(blocks);
  });

  test('but not to a model that knows no thinking', () => {
    const details = [{ type: 'reasoning.text', text: 't', signature: 's', ...claude }];
    expect(blocksOf({ reasoning_details: details }, OLDEST)).toEqual([text('ab')]);
  });
});

describe('what can not be said to Claude is refused with its path', () => {
  test.each<[string, unknown]>([
    [
      'messages[0].content[0].type',
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }] },
    ],
    ['messages[0].content[0].type', { role: 'user', content: [{ type: 'hologram' }] }],
    [
      'messages[0].content[0].type',
      { role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a' } }] },
    ],
    [
      'messages[0].tool_calls[0].type',
      { role: 'assistant', tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'x', input: '' } }] },
    ],
    ['messages[0].audio', { role: 'assistant', audio: { id: 'audio_1' } }],
    ['messages[0].role', { role: 'narrator', content: 'x' }],
  ])('%s', (param, message) => {
    expect(() => native({ messages: [message as ChatMessage] })).toThrow(
      expect.objectContaining({
        name: 'GatewayError',
        code: expect.stringMatching(/^(unsupported|invalid)_value$/),
        status: 400,
        param,
      }),
    );
  });
});
