import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { ToolCall } from '../openai-api/chat-message.js';
import { PIECES, type ProviderCase, TEXT, TOOL_CALLS } from './provider-samples.js';

/** Whole answers. */
export const answerCases: readonly ProviderCase[] = [
  {
    name: 'a whole answer is a chat completion with all of the text',
    async run(start) {
      const provider = await start({ text: PIECES });
      const { completion } = await provider.soon(provider.adapter.chat(provider.chatCall()), 'an answer');
      equal(completion.object, 'chat.completion');
      match(completion.id, /./);
      ok(Number.isInteger(completion.created), 'created is in whole seconds');
      equal(completion.choices.length, 1);
      const [choice] = completion.choices;
      equal(choice?.index, 0);
      equal(choice.message.role, 'assistant');
      equal(choice.message.content, TEXT);
      equal(choice.finish_reason, 'stop');
    },
  },
  {
    name: 'the text of a whole answer, where there is one, says the same as its value',
    async run(start) {
      const provider = await start({ text: PIECES });
      const { completion, text } = await provider.adapter.chat(provider.chatCall());
      if (text !== undefined) deepEqual(JSON.parse(text).choices, completion.choices);
    },
  },
  {
    name: 'a whole answer that reached its limit ends with length',
    async run(start) {
      const provider = await start({ text: PIECES, finish: 'length' });
      const { completion } = await provider.adapter.chat(provider.chatCall());
      equal(completion.choices[0]?.finish_reason, 'length');
    },
  },
  {
    name: 'a whole answer calls tools with ids, names and JSON',
    async run(start) {
      const provider = await start({ toolCalls: TOOL_CALLS });
      const { completion } = await provider.adapter.chat(provider.toolCall());
      const [choice] = completion.choices;
      equal(choice?.finish_reason, 'tool_calls');
      assertToolCalls(choice.message.tool_calls ?? []);
    },
  },
  {
    name: 'a whole answer reports what the provider counted',
    async run(start) {
      const provider = await start({ text: PIECES, usage: { input: 123, output: 45 } });
      const { usage } = await provider.adapter.chat(provider.chatCall());
      deepEqual(
        [usage?.inputTokens, usage?.outputTokens, usage?.reasoningTokens, usage?.cachedInputTokens, usage?.source],
        [123, 45, 0, 0, 'provider'],
      );
    },
  },
  {
    name: 'answers at the same time do not mix',
    async run(start) {
      const [one, other] = await Promise.all([start({ text: ['one'] }), start({ text: ['other'] })]);
      const answers = await Promise.all(
        [one, other, one, other].map((provider) => provider.adapter.chat(provider.chatCall())),
      );
      const texts = answers.map(({ completion }) => completion.choices[0]?.message.content);
      deepEqual(texts, ['one', 'other', 'one', 'other']);
    },
  },
];

/** The calls of `TOOL_CALLS`, in their order. */
export function assertToolCalls(calls: readonly ToolCall[]): void {
  const functions = calls.map((call) => ('function' in call ? call.function : undefined));
  deepEqual(
    functions.map((called) => ({ name: called?.name, arguments: JSON.parse(called?.arguments ?? '') })),
    TOOL_CALLS.map((call) => ({ ...call })),
  );
  ok(
    calls.every(({ type }) => type === 'function'),
    'every call has the type function',
  );
  const ids = calls.map(({ id }) => id);
  ok(
    ids.every((id) => typeof id === 'string' && id !== '') && new Set(ids).size === ids.length,
    'every call has an id',
  );
}
