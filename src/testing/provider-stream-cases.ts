import { deepEqual, equal, ok } from 'node:assert/strict';
import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import type { ToolCall } from '../openai-api/chat-message.js';
import { adoptAdapter } from '../providers/adopt.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { gate } from './gate.js';
import { assertToolCalls } from './provider-answer-cases.js';
import {
  clientErrorOf,
  PIECES,
  type ProviderCase,
  type ProviderSubject,
  TEXT,
  TOOL_CALLS,
} from './provider-samples.js';

/** Streams, up to their ends. */
export const streamCases: readonly ProviderCase[] = [
  {
    name: 'a stream is chunks with all of the text, then one finish reason',
    async run(start) {
      const provider = await start({ text: PIECES });
      const { chunks, text } = await (await provider.stream()).toEnd();
      equal(text, TEXT);
      ok(
        chunks.every(({ object, id }) => object === 'chat.completion.chunk' && id === chunks[0]?.id && id !== ''),
        'every chunk has the same id',
      );
      deepEqual(finishReasons(chunks), ['stop']);
      const finish = chunks.findIndex(({ choices: [choice] }) => choice?.finish_reason);
      ok(
        chunks.slice(finish).every(({ choices: [choice] }) => !choice?.delta.content),
        'no text follows the finish reason',
      );
    },
  },
  {
    name: 'the text of a stream is passed on as it arrives',
    async run(start) {
      const held = gate();
      const provider = await start({ text: ['first ', held, 'second'] });
      const stream = await provider.stream();
      while (stream.text === '') ok(await provider.soon(stream.next(), 'the first text'));
      equal(stream.text, 'first ');
      held.open();
      equal((await stream.toEnd()).text, 'first second');
    },
  },
  {
    name: 'a stream that reached its limit ends with length',
    async run(start) {
      const provider = await start({ text: PIECES, finish: 'length' });
      deepEqual(finishReasons((await (await provider.stream()).toEnd()).chunks), ['length']);
    },
  },
  {
    name: 'a stream calls tools with an id and a name once, and JSON in pieces',
    async run(start) {
      const provider = await start({ toolCalls: TOOL_CALLS });
      const { chunks } = await (await provider.stream(provider.toolCall())).toEnd();
      deepEqual(finishReasons(chunks), ['tool_calls']);
      assertToolCalls(toolCallsOf(chunks));
    },
  },
  {
    name: 'a stream reports what the provider counted, and not in its chunks',
    async run(start) {
      const provider = await start({ text: PIECES, usage: { input: 123, output: 45 } });
      const { chunks, batches, usage } = await (await provider.stream()).toEnd();
      deepEqual(
        [usage?.inputTokens, usage?.outputTokens, usage?.reasoningTokens, usage?.cachedInputTokens, usage?.source],
        [123, 45, 0, 0, 'provider'],
      );
      ok(
        chunks.every((chunk) => !chunk.usage),
        'chunks have no usage',
      );
      for (const { usageChunk } of batches) {
        if (usageChunk === undefined) continue;
        const { choices, usage: shown } = JSON.parse(usageChunk);
        deepEqual([choices, shown.prompt_tokens, shown.completion_tokens], [[], 123, 45]);
      }
    },
  },
  {
    name: 'a stream says that bytes arrive',
    async run(start) {
      const provider = await start({ text: PIECES });
      await (await provider.stream()).toEnd();
      ok(provider.activity > 0, 'onActivity was called');
    },
  },
  {
    name: 'the last batch of a whole stream is finished, and nothing follows it',
    async run(start) {
      const provider = await start({ text: PIECES });
      const stream = await (await provider.stream()).toEnd();
      const ends = stream.batches.map(({ finished }) => finished === true);
      deepEqual(ends, [...ends.slice(0, -1).map(() => false), true]);
      equal(await stream.next(), false);
    },
  },
  {
    name: 'an answer without text is finished, too',
    async run(start) {
      const provider = await start({ text: [] });
      const stream = await (await provider.stream()).toEnd();
      deepEqual([stream.text, stream.finished, finishReasons(stream.chunks)], ['', true, ['stop']]);
    },
  },
  {
    name: 'a stream that ends without its end is never finished: the gateway says upstream_truncated',
    run: async (start) => assertBroken(await start({ text: PIECES, endWithoutTerminal: true }), ['upstream_truncated']),
  },
  {
    name: 'a stream whose connection breaks is never finished',
    async run(start) {
      const provider = await start({ text: ['x'.repeat(4_096)], resetAfterBytes: 2_048 });
      await assertBroken(provider, ['upstream_truncated', 'upstream_error']);
    },
  },
  {
    name: 'streams at the same time do not mix',
    async run(start) {
      const provider = await start({ text: PIECES });
      const streams = await Promise.all([provider.stream(), provider.stream(), provider.stream()]);
      for (let open = true; open; ) open = (await Promise.all(streams.map((stream) => stream.next()))).some(Boolean);
      deepEqual(
        streams.map(({ text, finished }) => [text, finished]),
        streams.map(() => [TEXT, true]),
      );
    },
  },
];

/** A broken stream rejects, or ends without `finished`; as the gateway uses the adapter, it rejects in any case. */
async function assertBroken(provider: ProviderSubject, codes: readonly string[]): Promise<void> {
  const raw = await readBroken(provider, () => provider.adapter.stream(provider.chatCall()));
  equal(raw.finished, false);
  const { adapter } = provider;
  const { thrown } = await readBroken(provider, () => adoptAdapter(adapter).stream(provider.chatCall()));
  ok(UpstreamError.isInstance(thrown), `no UpstreamError: ${String(thrown)}`);
  ok(codes.includes(clientErrorOf(thrown).code), `${clientErrorOf(thrown).code} instead of ${codes.join(' or ')}`);
}

async function readBroken(provider: ProviderSubject, open: () => ReturnType<ProviderSubject['adapter']['stream']>) {
  let finished = false;
  try {
    const { batches } = await provider.soon(open(), 'a stream');
    for await (const batch of batches) finished ||= batch.finished === true;
  } catch (thrown) {
    return { finished, thrown };
  }
  return { finished, thrown: undefined };
}

function finishReasons(chunks: readonly ChatCompletionChunk[]): string[] {
  return chunks.flatMap(({ choices: [choice] }) => choice?.finish_reason ?? []);
}

/** Tool calls put together as the SDKs of OpenAI do it: by index. */
function toolCallsOf(chunks: readonly ChatCompletionChunk[]): ToolCall[] {
  const calls = new Map<number, ToolCall>();
  for (const part of chunks.flatMap(({ choices: [choice] }) => choice?.delta.tool_calls ?? [])) {
    const call = calls.get(part.index);
    const { name = '', arguments: text = '' } = part.function ?? {};
    if (call) {
      ok(part.id === undefined && name === '', 'id and name come once');
      call.function.arguments += text;
    } else {
      calls.set(part.index, { id: part.id ?? '', type: 'function', function: { name, arguments: text } });
    }
  }
  deepEqual(
    [...calls.keys()],
    [...calls.keys()].toSorted((a, b) => a - b).map((_, index) => index),
  );
  return [...calls.values()];
}
