import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import type { ChatRequest } from '../../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../../src/providers/adapter.js';
import { toRequest } from '../../../src/providers/openai/to-request.js';
import { fakeCall } from '../../helpers/fake-call.js';

const messages: ChatRequest['messages'] = [{ role: 'user', content: 'Hello {"a":1}' }];

/** A call whose bytes are those of the request, in an own layout that re-serializing would not keep. */
function callOf(request: ChatRequest, details: Partial<ChatCall> = {}): ChatCall {
  const body = new TextEncoder().encode(`${JSON.stringify(request, null, 2)}\n`);
  const limit = request.max_completion_tokens ?? request.max_tokens;
  return fakeCall({ request, body, ...(limit !== undefined && { maxOutputTokens: limit }), ...details });
}

function sent(call: ChatCall, stream = false): Record<string, unknown> {
  const body = toRequest(call, stream).body as string | Uint8Array;
  return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
}

describe('a request to OpenAI', () => {
  it('is the very bytes of the client when nothing must change', () => {
    const call = callOf({ model: 'gpt-4o', messages, temperature: 0.5, max_tokens: 20, unknown_field: { a: null } });
    expect(toRequest(call, false).body).toBe(call.body);
  });

  it.each(['gpt-5.2', 'o4-mini', 'gpt-6'])('has its limit in the one field that %s takes', (model) => {
    const native = sent(callOf({ model, messages, max_tokens: 20 }));
    expect(native).toMatchObject({ max_completion_tokens: 20 });
    expect(native).not.toHaveProperty('max_tokens');
  });

  it('asks for usage on streams by bytes added before the last brace', () => {
    const call = callOf({ model: 'gpt-4o', messages, stream: true });
    const { body } = toRequest(call, true);
    const text = new TextDecoder().decode(body as Uint8Array);
    const before = new TextDecoder().decode(call.body);
    expect(text).toBe(before.replace(/\}\s*$/, (end) => `,"stream_options":{"include_usage":true}${end}`));
    expect(sent(call, true)).toEqual({ ...call.request, stream_options: { include_usage: true } });
  });

  it('keeps the other stream options of the client', () => {
    const request = { model: 'gpt-4o', messages, stream: true, stream_options: { include_obfuscation: false } };
    expect(sent(callOf(request), true).stream_options).toEqual({ include_obfuscation: false, include_usage: true });
    const refused = { model: 'gpt-4o', messages, stream: true, stream_options: { include_usage: false } };
    expect(sent(callOf(refused), true).stream_options).toEqual({ include_usage: true });
  });

  it('carries no stream options without a stream, which OpenAI refuses', () => {
    const request = { model: 'gpt-4o', messages, stream_options: { include_usage: true } };
    expect(sent(callOf(request))).not.toHaveProperty('stream_options');
  });

  it("names the target's model", () => {
    expect(sent(callOf({ model: 'fast', messages }, { model: 'gpt-4o-mini' })).model).toBe('gpt-4o-mini');
  });

  it('carries the limit that the gateway adds, in the field that the API knows', () => {
    const added = { maxOutputTokens: 500, outputLimitAdded: true };
    const call = callOf({ model: 'gpt-4o', messages }, added);
    expect(sent(call)).toMatchObject({ max_completion_tokens: 500 });
    expect(sent(fakeCall({ request: call.request, ...added }))).toMatchObject({ max_completion_tokens: 500 });
  });

  it("lowers the client's own limit in the field where the client has set it", () => {
    const call = callOf({ model: 'gpt-4o', messages, max_tokens: 900 }, { maxOutputTokens: 500 });
    expect(sent(call)).toMatchObject({ max_tokens: 500 });
    expect(sent(call)).not.toHaveProperty('max_completion_tokens');
  });

  it('has provider_options merged into it last, and only those of its own dialect', () => {
    const request: ChatRequest = {
      model: 'gpt-4o',
      messages,
      temperature: 1,
      provider_options: { openai: { temperature: 0, store: true }, groq: { x: 1 } },
    };
    expect(sent(callOf(request))).toEqual({ model: 'gpt-4o', messages, temperature: 0, store: true });
  });

  it('carries no identifier that two accounts could share', () => {
    const request = {
      model: 'gpt-4o',
      messages,
      user: 'ann@example.com',
      safety_identifier: 's',
      prompt_cache_key: 'k',
    };
    const one = sent(callOf(request, { accountId: 'account_1' }));
    const two = sent(callOf(request, { accountId: 'account_2' }));
    for (const field of ['user', 'safety_identifier', 'prompt_cache_key']) {
      expect(one[field]).not.toBe(two[field]);
      expect(String(one[field]).length).toBeLessThanOrEqual(64);
      expect(String(one[field])).not.toContain('ann');
    }
    expect(sent(callOf(request, { accountId: 'account_1' }))).toEqual(one);
  });

  it('leaves out extensions of messages that OpenAI refuses, without touching the request', () => {
    const request: ChatRequest = {
      model: 'gpt-4o',
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'Hm.',
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }],
          thinking_blocks: [{}],
          tool_calls: [
            { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: { google: {} } },
          ],
        },
        { role: 'tool', tool_call_id: 'c', content: 'x', cache_control: { type: 'ephemeral' } },
      ],
      tools: [{ type: 'function', function: { name: 'f' }, cache_control: { type: 'ephemeral' } }],
    };
    const before = structuredClone(request);
    expect(sent(callOf(request))).toEqual({
      model: 'gpt-4o',
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
      ],
      tools: [{ type: 'function', function: { name: 'f' } }],
    });
    expect(request).toEqual(before);
  });

  it('has the ids of tool calls shortened to what OpenAI takes, call and result alike', () => {
    const id = `call_${'x'.repeat(1_000)}`;
    const request: ChatRequest = {
      model: 'gpt-4o',
      messages: [
        { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: id, content: 'x' },
      ],
    };
    const [call, result] = sent(callOf(request)).messages as [
      { tool_calls: { id: string }[] },
      { tool_call_id: string },
    ];
    expect(call.tool_calls[0]?.id).toMatch(/^call_\w{1,35}$/);
    expect(result.tool_call_id).toBe(call.tool_calls[0]?.id);
  });

  it('names, hides or refuses top_k as the gateway is told to', () => {
    const request = { model: 'gpt-4o', messages, top_k: 5 };
    const warned = toRequest(callOf(request), false);
    expect(warned.dropped).toEqual(['top_k']);
    expect(sent(callOf(request))).not.toHaveProperty('top_k');
    expect(toRequest(callOf(request, { unsupported: 'drop' }), false).dropped).toBeUndefined();
    expect(() => toRequest(callOf(request, { unsupported: 'error' }), false)).toThrow(GatewayError);
  });
});
