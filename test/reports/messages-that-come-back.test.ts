import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, chatAnswer, HI, type Reported, reported, stream, tool } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const COMPATIBLE = ['groq', 'mistral', 'deepseek', 'cerebras', 'vllm'];

describe('an assistant message that the gateway handed out', () => {
  it.each(COMPATIBLE)('goes back to %s without the fields that the gateway added', async (model) => {
    site.answers(chatAnswer());
    const message = { role: 'assistant', content: '4', refusal: null, annotations: [] };
    const { status, sent } = await site.ask({ model, messages: [HI, message, HI] });
    expect(status).toBe(200);
    expect(Object.keys(at(sent[0], 'messages.1') as object).sort()).toEqual(['content', 'role']);
  });

  it('has its reasoning under the name of the provider, or nowhere', async () => {
    const message = { role: 'assistant', content: '4', refusal: null, reasoning_content: 'Hm' };
    const sentTo = async (model: string) =>
      at((await site.ask({ model, messages: [HI, message, HI] })).sent[0], 'messages.1');
    expect(await sentTo('groq')).toEqual({ role: 'assistant', content: '4', reasoning: 'Hm' });
    expect(await sentTo('cerebras')).toEqual({ role: 'assistant', content: '4', reasoning: 'Hm' });
    expect(await sentTo('deepseek')).toEqual({ role: 'assistant', content: '4', reasoning_content: 'Hm' });
    expect(await sentTo('mistral')).toEqual({ role: 'assistant', content: '4' });
    expect(await sentTo('vllm')).toEqual({ role: 'assistant', content: '4' });
  });

  it('has its reasoning under the name in which it came from a server that is not known', async () => {
    const own = await reported();
    own.answers(chatAnswer({ role: 'assistant', content: '4', reasoning: 'Hm' }));
    const first = await own.ask({ model: 'litellm', messages: [HI] });
    const message = at(first.body, 'choices.0.message');
    expect(message).toMatchObject({ reasoning_content: 'Hm' });
    const { sent } = await own.ask({ model: 'litellm', messages: [HI, message, HI] });
    expect(at(sent[0], 'messages.1')).toEqual({ role: 'assistant', content: '4', reasoning: 'Hm' });
    await own.close();
  });

  it("carries nothing of another provider's", async () => {
    const message = {
      role: 'assistant',
      content: 'x',
      refusal: null,
      reasoning_content: 'Hm',
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 's' }],
      thinking_blocks: [{ type: 'thinking', thinking: 'Hm', signature: 's' }],
      extra_content: { google: { thought_signature: 'QUJD' } },
      annotations: [],
      images: [],
      tool_calls: [
        { index: 0, id: 'call12345', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: {} },
      ],
    };
    const result = { role: 'tool', tool_call_id: 'call12345', content: 'ok' };
    const user = { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] };
    for (const model of [...COMPATIBLE, 'gpt']) {
      const { status, sent } = await site.ask({ model, messages: [user, message, result], tools: [tool('f')] });
      expect([model, status]).toEqual([model, 200]);
      const native = at(sent[0], 'messages.1') as object;
      const foreign = Object.keys(native).filter(
        (name) => !/^(?:role|content|tool_calls|reasoning|reasoning_content|refusal|annotations)$/.test(name),
      );
      expect([model, foreign]).toEqual([model, []]);
      expect(Object.keys(at(native, 'tool_calls.0') as object).sort()).toEqual(['function', 'id', 'type']);
      expect(at(sent[0], 'messages.0.content.0') ?? {}).not.toHaveProperty('cache_control');
    }
  });

  it('has ids that Mistral takes, in calls and results alike', async () => {
    const calls = ['toolu_01AbCdEfGh', 'fits12345', ''].map((id) => ({
      id,
      type: 'function',
      function: { name: 'f', arguments: '{}' },
    }));
    const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'ok' }));
    const messages = [HI, { role: 'assistant', content: '', tool_calls: calls }, ...results];
    const { sent } = await site.ask({ model: 'mistral', messages, tools: [tool('f')] });
    const ids = [0, 1, 2].map((index) => at(sent[0], `messages.1.tool_calls.${index}.id`));
    expect(ids).toEqual(ids.map(() => expect.stringMatching(/^[a-zA-Z0-9]{9}$/)));
    expect([2, 3, 4].map((index) => at(sent[0], `messages.${index}.tool_call_id`))).toEqual(ids);
    expect(ids[1]).toBe('fits12345');
    const again = await site.ask({ model: 'mistral', messages, tools: [tool('f')] });
    expect(again.sent).toEqual(sent);
  });

  it('has an id of nine letters and digits where a stream gave none', async () => {
    const call = { index: 0, id: 'null', function: { name: 'f', arguments: '{}' } };
    site.answers(
      stream(
        {
          id: 'a',
          choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] }, finish_reason: 'tool_calls' }],
        },
        '[DONE]',
      ),
    );
    const { events } = await site.ask({ model: 'mistral', messages: [HI], stream: true });
    expect(at(events[0], 'choices.0.delta.tool_calls.0.id')).toMatch(/^[a-zA-Z0-9]{9}$/);
    site.answers(chatAnswer());
  });

  it('says a refusal as text where there is no such field', async () => {
    const message = { role: 'assistant', content: null, refusal: 'No.' };
    const { sent } = await site.ask({ model: 'mistral', messages: [HI, message, HI] });
    expect(at(sent[0], 'messages.1')).toEqual({ role: 'assistant', content: 'No.' });
  });

  it.each([true, false])(
    'gets the reasoning back that its client lost, of DeepSeek (streamed: %s)',
    async (streamed) => {
      const call = { id: 'call_00_x', type: 'function', function: { name: 'f', arguments: '{}' } };
      const said = { role: 'assistant', content: '', reasoning_content: 'I should look', tool_calls: [call] };
      if (streamed) {
        const chunks = ['I should', ' look'].map((reasoning_content) => ({
          id: 'a',
          choices: [{ index: 0, delta: { reasoning_content } }],
        }));
        const last = {
          id: 'a',
          choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: 'tool_calls' }],
        };
        site.answers(stream(...chunks, last, '[DONE]'));
      } else site.answers(chatAnswer(said));
      await site.ask({ model: 'deepseek', messages: [HI], tools: [tool('f')], stream: streamed });
      site.answers(chatAnswer());
      const messages = [
        HI,
        { role: 'assistant', content: '', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_00_x', content: 'ok' },
      ];
      const { sent } = await site.ask({ model: 'deepseek', messages, tools: [tool('f')] });
      expect(at(sent[0], 'messages.1.reasoning_content')).toBe('I should look');
    },
  );
});

describe('an answer without a word, which the official client keeps as null', () => {
  it.each([...COMPATIBLE, 'gpt', 'claude', 'gem'])('goes back to %s', async (model) => {
    const { status, sent } = await site.ask({ model, messages: [HI, { role: 'assistant', content: null }, HI] });
    expect(status).toBe(200);
    if (model !== 'claude' && model !== 'gem') expect(at(sent[0], 'messages.1.content')).toBe('');
  });
});

describe('roles and deprecated forms', () => {
  it.each(['deepseek', 'mistral', 'vllm', 'litellm'])('a developer is the system at %s', async (model) => {
    const { sent } = await site.ask({ model, messages: [{ role: 'developer', content: 'Be brief.' }, HI] });
    expect(at(sent[0], 'messages.0')).toEqual({ role: 'system', content: 'Be brief.' });
  });

  it('functions are tools, and their calls come back as function calls', async () => {
    site.answers(
      chatAnswer(
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        {},
      ),
    );
    const messages = [
      HI,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'ok' },
    ];
    const { sent, body } = await site.ask({
      model: 'deepseek',
      messages,
      functions: [{ name: 'f', parameters: {} }],
      function_call: 'auto',
    });
    expect(sent[0]).toMatchObject({ tools: [tool('f')], tool_choice: 'auto' });
    expect(sent[0]).not.toHaveProperty('functions');
    expect(at(sent[0], 'messages.2')).toEqual({
      role: 'tool',
      content: 'ok',
      tool_call_id: at(sent[0], 'messages.1.tool_calls.0.id'),
    });
    expect(at(body, 'choices.0')).toMatchObject({
      finish_reason: 'function_call',
      message: { function_call: { name: 'f' } },
    });
    site.answers(chatAnswer());
  });
});

describe('pictures in tool messages', () => {
  it.each(['vllm', 'deepseek', 'litellm'])(
    'follow the last result in a message of the user, or are named where the model reads none, at %s',
    async (model) => {
      const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
      const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
      const messages = [
        HI,
        { role: 'assistant', content: null, tool_calls: [call('c1'), call('c2')] },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'seen' }, picture] },
        { role: 'tool', tool_call_id: 'c2', content: 'ok' },
      ];
      const { sent } = await site.ask({ model, messages, tools: [tool('f')] });
      if (model === 'deepseek') {
        // Its models read no pictures, and an agent whose tool shows one could not go on if that was refused.
        const content = 'seen[image_url: not readable for this model]';
        expect(at(sent[0], 'messages.2')).toEqual({ role: 'tool', tool_call_id: 'c1', content });
        return;
      }
      expect(at(sent[0], 'messages.2')).toEqual({ role: 'tool', tool_call_id: 'c1', content: 'seen' });
      expect(at(sent[0], 'messages.4')).toEqual({ role: 'user', content: [picture] });
    },
  );
});
