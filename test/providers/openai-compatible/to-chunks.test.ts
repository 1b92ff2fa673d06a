import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openaiCompatible } from '../../../src/providers/openai-compatible/index.js';
import { type Answer, addUp } from '../../helpers/client-answer.js';
import { collectStream, fakeCall, fakeTransport } from '../../helpers/fake-call.js';

const adapter = openaiCompatible({ baseURL: 'http://provider.test/v1', random: () => 0.25 });

type Fields = Record<string, unknown>;

async function read(events: readonly (object | string)[]) {
  const lines = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  const transport = fakeTransport({
    pieces: [new TextEncoder().encode(lines.join(''))],
    headers: { 'content-type': 'text/event-stream' },
  });
  return collectStream(adapter, fakeCall({ transport }));
}

async function answerOf(events: readonly (object | string)[]): Promise<Answer> {
  const { chunks } = await read(events);
  return addUp(chunks as unknown as OpenAI.ChatCompletionChunk[]);
}

/** A chunk with one choice. */
function chunk(delta: Fields, finish: string | null = null, more: Fields = {}): Fields {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return { id: 'id-1', object: 'chat.completion.chunk', created: 5, model: 'm', choices, ...more };
}

const call = (fields: Fields, name?: string, args?: unknown) => ({
  tool_calls: [{ ...fields, function: { ...(name && { name }), ...(args !== undefined && { arguments: args }) } }],
});

describe('a stream that resembles one of OpenAI', () => {
  it('names the role once, and says nothing twice', async () => {
    const { chunks } = await read([
      chunk({ role: 'assistant', content: 'a' }),
      chunk({ role: 'assistant', content: 'b' }),
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: null }, 'stop'),
      chunk({ role: 'assistant', content: '' }, 'stop', { usage: { prompt_tokens: 1, completion_tokens: 2 } }),
      '[DONE]',
    ]);
    expect(chunks.map(({ choices }) => choices)).toEqual([
      [{ index: 0, delta: { role: 'assistant', content: 'a' }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: { content: 'b' }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }],
    ]);
  });

  it('counts usage that every chunk repeats once', async () => {
    const usage = (completion: number) => ({ usage: { prompt_tokens: 7, completion_tokens: completion } });
    const all = await read([
      chunk({ content: 'a' }, null, usage(1)),
      chunk({ content: 'b' }, 'stop', usage(2)),
      '[DONE]',
    ]);
    expect(all.usage).toMatchObject({ inputTokens: 7, outputTokens: 2 });
    for (const { usage: none } of all.chunks) expect(none).toBeUndefined();
  });

  it.each([
    ['without choices', { id: 'id-1', usage: { prompt_tokens: 7, completion_tokens: 2 } }],
    ['under x_groq', { ...chunk({}), choices: [], x_groq: { usage: { prompt_tokens: 7, completion_tokens: 2 } } }],
    [
      'in the choice',
      { ...chunk({}), choices: [{ index: 0, delta: {}, usage: { prompt_tokens: 7, completion_tokens: 2 } }] },
    ],
  ])('may report usage %s', async (_, last) => {
    const all = await read([chunk({ content: 'a' }, 'stop'), last, '[DONE]']);
    expect(all.usage).toMatchObject({ inputTokens: 7, outputTokens: 2 });
    expect(all.chunks).toHaveLength(1);
  });

  it("joins Mistral's parts and tells thinking from text", async () => {
    const answer = await answerOf([
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }),
      chunk({ content: [{ type: 'text', text: 'A' }] }),
      chunk({ content: 'B' }, 'stop'),
      '[DONE]',
    ]);
    expect(answer).toMatchObject({ text: 'AB', reasoning: 'Hm' });
  });

  it.each(['reasoning', 'reasoning_content'])('has its reasoning read from %s', async (field) => {
    expect(await answerOf([chunk({ [field]: 'Hm' }), chunk({ content: 'A' }, 'stop')])).toMatchObject({
      text: 'A',
      reasoning: 'Hm',
    });
  });

  it('gives lists that come in pieces in one delta', async () => {
    const detail = (fields: Fields) => ({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...fields }] });
    const annotation = (url: string) => ({ annotations: [{ type: 'url_citation', url_citation: { url } }] });
    const answer = await answerOf([
      chunk({ content: '', ...detail({ text: 'one ' }) }),
      chunk({ content: '', ...detail({ text: 'two' }) }),
      chunk({ content: '', ...detail({ signature: 'sig' }) }),
      chunk({ content: 'A', ...annotation('https://a') }),
      chunk({ content: 'B', ...annotation('https://b') }),
      chunk({}, 'stop'),
    ]);
    expect(answer.reasoningDetails).toEqual([{ type: 'reasoning.text', index: 0, text: 'one two', signature: 'sig' }]);
    expect(answer.annotations).toHaveLength(2);
  });

  it.each<[string, Fields[]]>([
    ['indices from 1', [call({ index: 1, id: 'a' }, 'f', '{"x"'), call({ index: 1 }, undefined, ':1}')]],
    ['no indices', [call({ id: 'a' }, 'f', '{"x"'), call({}, undefined, ':1}')]],
    ['empty ids afterwards', [call({ index: 0, id: 'a' }, 'f', ''), call({ index: 0, id: '' }, undefined, '{"x":1}')]],
    ['id and name repeated', [call({ index: 0, id: 'a' }, 'f', '{"x"'), call({ index: 0, id: 'a' }, 'f', ':1}')]],
    ['the whole call at once, arguments as an object', [call({ index: 0, id: 'a', type: 'function' }, 'f', { x: 1 })]],
    ['the word null for no id', [call({ index: 0, id: 'a' }, 'f', ''), call({ index: 0, id: 'null' }, '', '{"x":1}')]],
    ['the name after the id', [call({ index: 0, id: 'a' }), call({ index: 0 }, 'f', '{"x":1}')]],
  ])('may send a tool call with %s', async (_, deltas) => {
    const events = deltas.map((delta) => chunk(delta));
    const answer = await answerOf([...events, chunk({}, 'tool_calls'), '[DONE]']);
    expect(answer.toolCalls).toEqual([{ id: 'a', name: 'f', arguments: '{"x":1}' }]);
    expect(answer.finishReason).toBe('tool_calls');
  });

  it.each<[string, Fields[]]>([
    ['one index and different ids', [call({ index: 0, id: 'a' }, 'f', '{}'), call({ index: 0, id: 'b' }, 'f', '{}')]],
    ['one index and no ids', [call({ index: 0, id: '' }, 'f', '{}'), call({ index: 0, id: '' }, 'f', '{}')]],
    ['neither index nor id', [call({}, 'f', '{}'), call({}, 'f', '{}')]],
    ['gaps between indices', [call({ index: 2, id: 'a' }, 'f', '{}'), call({ index: 7, id: 'b' }, 'f', '{}')]],
  ])('may send two tool calls with %s', async (_, deltas) => {
    const answer = await answerOf([...deltas.map((delta) => chunk(delta)), chunk({}, 'stop')]);
    expect(answer.toolCalls.map(({ name, arguments: args }) => [name, args])).toEqual([
      ['f', '{}'],
      ['f', '{}'],
    ]);
    for (const { id } of answer.toolCalls) expect(id).not.toBe('');
    expect(answer.finishReason).toBe('tool_calls');
  });

  it('gives a tool call without arguments an empty object', async () => {
    const answer = await answerOf([chunk(call({ index: 0, id: 'a' }, 'f', '')), chunk({}, 'tool_calls')]);
    expect(answer.toolCalls).toEqual([{ id: 'a', name: 'f', arguments: '{}' }]);
  });

  it.each([
    ['end_turn', 'stop', 'end_turn'],
    ['model_length', 'length', 'model_length'],
    ['SAFETY', 'content_filter', 'SAFETY'],
    ['length', 'length', undefined],
  ])('ends with %s as %s', async (native, finish, kept) => {
    const { chunks } = await read([chunk({ content: 'a' }, native)]);
    expect(chunks[0]?.choices[0]).toMatchObject({ finish_reason: finish });
    expect(chunks[0]?.choices[0]?.native_finish_reason).toBe(kept);
  });

  it.each(['error', 'network_error', 'insufficient_system_resource'])('fails when it ends with %s', async (finish) => {
    await expect(read([chunk({ content: 'a' }), chunk({}, finish)])).rejects.toMatchObject({ fault: 'event' });
  });

  it.each([
    ['error beside choices', { ...chunk({}, 'error'), error: { code: 502, message: 'gone' } }, 502],
    ['error in a choice', { id: 'x', choices: [{ index: 0, delta: {}, error: { code: 429, message: 'slow' } }] }, 429],
    ['x_groq.error', { id: 'x', choices: [], x_groq: { error: { type: 'overloaded', message: 'x' } } }, 503],
    ['error as text', { error: 'broken' }, 500],
  ])('fails with an error event: %s', async (_, event, status) => {
    await expect(read([chunk({ content: 'a' }), event])).rejects.toMatchObject({ fault: 'event', status });
  });

  it('has one id, time and model, made up where there are none', async () => {
    const { chunks } = await read([
      { choices: [{ delta: { content: 'a' } }] },
      { id: 'late', model: 'late', choices: [{ delta: {}, finish_reason: 'stop' }] },
    ]);
    const envelope = { id: `chatcmpl-${'9'.repeat(24)}`, created: 1_700_000_000, model: 'some-model' };
    for (const each of chunks) expect(each).toMatchObject({ ...envelope, object: 'chat.completion.chunk' });
  });

  it('is finished by [DONE] even when it forgot the finish reason, and truncated by an end without either', async () => {
    expect(await answerOf([chunk({ content: 'a' }), '[DONE]'])).toMatchObject({ finishReason: 'stop' });
    await expect(read([chunk({ content: 'a' })])).rejects.toMatchObject({ fault: 'truncated' });
    await expect(read(['[DONE]'])).rejects.toMatchObject({ fault: 'truncated' });
  });

  it('keeps two choices apart', async () => {
    const both = (index: number, content: string, finish: string | null = null) => ({
      ...chunk({}),
      choices: [{ index, delta: { content }, finish_reason: finish }],
    });
    const { chunks } = await read([both(0, 'a'), both(1, 'x'), both(0, '', 'stop'), both(1, 'y', 'length')]);
    expect(chunks.map(({ choices }) => [choices[0]?.index, choices[0]?.delta.role ?? ''])).toEqual([
      [0, 'assistant'],
      [1, 'assistant'],
      [0, ''],
      [1, ''],
    ]);
  });
});
