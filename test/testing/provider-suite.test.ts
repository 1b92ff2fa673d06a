import { describe, expect, test } from 'vitest';
import { NO_USAGE } from '../../src/lib/usage.js';
import type { ChatCompletionChunk } from '../../src/openai-api/chat-chunk.js';
import type { EmbeddingsRequest } from '../../src/openai-api/embeddings.js';
import type {
  ChatAnswer,
  ChatStream,
  EmbeddingsAnswer,
  ProviderAdapter,
  RouteCall,
  StreamBatch,
} from '../../src/providers/adapter.js';
import { statusError } from '../../src/providers/upstream-status.js';
import { type FakeAnswer, providerSuite, type SuiteTest } from '../../src/testing/index.js';
import { scriptedModel } from '../conformance/scripted-model.js';

type Break = (adapter: ProviderAdapter, script: FakeAnswer) => ProviderAdapter;

/** Ways to break the contract, by the test that must find each. */
const breaks: Readonly<Record<string, Break>> = {
  'a whole answer is a chat completion with all of the text': answering((answer) => {
    const [choice] = answer.completion.choices;
    if (choice?.message.content) choice.message.content = choice.message.content.slice(0, -1);
    return answer;
  }),
  'the text of a whole answer, where there is one, says the same as its value': answering((answer) => ({
    ...answer,
    text: JSON.stringify({ ...answer.completion, choices: [] }),
  })),
  'a whole answer that reached its limit ends with length': answering((answer) => {
    const [choice] = answer.completion.choices;
    if (choice?.finish_reason === 'length') choice.finish_reason = 'stop';
    return answer;
  }),
  'a whole answer calls tools with ids, names and JSON': answering((answer) => {
    for (const call of answer.completion.choices[0]?.message.tool_calls ?? []) call.id = 'call_0';
    return answer;
  }),
  'a whole answer reports what the provider counted': answering(({ usage: _usage, ...answer }) => answer),
  'answers at the same time do not mix': (() => {
    let last: ChatAnswer | undefined;
    return answering((answer) => (last ??= answer));
  })(),
  'a stream is chunks with all of the text, then one finish reason': streaming(async function* (batches) {
    for await (const batch of batches) yield { ...batch, chunks: [...batch.chunks, ...batch.chunks] };
  }),
  'the text of a stream is passed on as it arrives': streaming(async function* (batches) {
    const all: StreamBatch[] = [];
    for await (const batch of batches) all.push(batch);
    yield* all;
  }),
  'a stream that reached its limit ends with length': chunkwise(({ choices: [choice] }) => {
    if (choice?.finish_reason === 'length') choice.finish_reason = 'stop';
  }),
  'a stream calls tools with an id and a name once, and JSON in pieces': chunkwise(({ choices: [choice] }) => {
    for (const call of choice?.delta.tool_calls ?? []) call.index = 0;
  }),
  'a stream reports what the provider counted, and not in its chunks': chunkwise((chunk) => {
    chunk['usage'] = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  }),
  'a stream says that bytes arrive': (adapter) => ({
    ...adapter,
    stream: (call) => adapter.stream({ ...call, onActivity() {} }),
  }),
  'the last batch of a whole stream is finished, and nothing follows it': streaming(async function* (batches) {
    for await (const batch of batches) {
      yield batch;
      if (batch.finished) yield { chunks: [] };
    }
  }),
  'an answer without text is finished, too': streaming(async function* (batches) {
    let spoke = false;
    for await (const batch of batches) {
      spoke ||= batch.chunks.some((chunk) => typeof chunk !== 'string' && chunk.choices[0]?.delta.content);
      if (spoke || !batch.finished) yield batch;
    }
  }),
  'a stream that ends without its end is never finished: the gateway says upstream_truncated': streaming(
    async function* (batches) {
      yield* batches;
      yield { chunks: [], finished: true };
    },
  ),
  'a stream whose connection breaks is never finished': streaming(async function* (batches) {
    try {
      yield* batches;
    } catch {
      yield { chunks: [], finished: true };
    }
  }),
  'streams at the same time do not mix': (() => {
    let open: Promise<ChatStream> | undefined;
    return (adapter: ProviderAdapter) => ({ ...adapter, stream: (call) => (open ??= adapter.stream(call)) });
  })(),
  "a provider's 400 is a 400 for the client, before the first event of a stream, too": saying(400, 500),
  "a provider's 401 is a 502 for the client, before the first event of a stream, too": saying(401, 400),
  "a provider's 403 is a 502 for the client, before the first event of a stream, too": saying(403, 400),
  "a provider's 429 is a 503 for the client, before the first event of a stream, too": saying(429, 500),
  "a provider's 500 is a 502 for the client, before the first event of a stream, too": saying(500, 503),
  "a provider's 503 is a 503 for the client, before the first event of a stream, too": saying(503, 500),
  "a provider's 504 is a 504 for the client, before the first event of a stream, too": saying(504, 500),
  'how long a provider asks to wait is known': saying(429, 429),
  'a refused credential is a fault of the gateway’s own, and its text stays inside': saying(401, 500),
  'an invalid answer is an error of the provider': (adapter, { body }) =>
    body === undefined ? adapter : scriptedModel().adapter,
  'a whole answer whose connection breaks is an error of the provider': (adapter) => ({
    ...adapter,
    chat: scriptedModel().adapter.chat,
  }),
  'a whole answer that nobody waits for any more is given up': deaf,
  'a stream that nobody waits for any more is given up before it begins': deaf,
  'a stream that is aborted ends, and is not finished': deaf,
  'a stream that is read no further lets go of its provider': (adapter) => ({
    ...adapter,
    async stream(call) {
      const { batches } = await adapter.stream(call);
      const iterator = batches[Symbol.asyncIterator]();
      return { batches: { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) } };
    },
  }),
  'embeddings that the suite was given no model for are absent, or refused as no fault of the provider':
    embedding(lengthOf),
};

const embeddingBreaks: typeof breaks = {
  'embeddings are a vector for each text, in their order': embedding((_text, index) => index),
  'the text of embeddings, where there is one, says the same as their value': embedding(lengthOf, {
    text: '{"data":[]}',
  }),
  'embeddings report input tokens alone, where the provider counts them': embedding(lengthOf, {
    usage: { ...NO_USAGE, inputTokens: 17, outputTokens: 1, source: 'provider' },
  }),
  'errors of embeddings are those of chat': embedding(lengthOf),
};

describe('an adapter that breaks its contract is found out by', () => {
  test.each(Object.entries(breaks))('%s', async (name, broken) => {
    expect(await passes(name, broken)).toBe(false);
  });

  test.each(Object.entries(embeddingBreaks))('%s', async (name, broken) => {
    expect(await passes(name, broken, 'embed')).toBe(false);
  });
});

test('every test of the suite has an adapter that fails it', () => {
  const names = (embeddingModel?: string) => casesOf((adapter) => adapter, embeddingModel).map(([name]) => name);
  expect(new Set(names())).toEqual(new Set(Object.keys(breaks)));
  const added = names('embed').filter((name) => !(name in breaks));
  expect(new Set(added)).toEqual(new Set(Object.keys(embeddingBreaks)));
});

async function passes(name: string, broken: Break, embeddingModel?: string): Promise<boolean> {
  const [, run] = casesOf(broken, embeddingModel).find(([each]) => each === name) ?? [];
  if (!run) throw new Error(`no such test: ${name}`);
  return run().then(
    () => true,
    () => false,
  );
}

/** The tests of the suite for a broken adapter. What hangs is to fail soon. */
function casesOf(broken: Break, embeddingModel?: string) {
  const cases: [name: string, run: () => Promise<void>][] = [];
  const collect: SuiteTest = (name, run) => cases.push([name, run]);
  providerSuite(collect, {
    create(script) {
      const subject = scriptedModel(script);
      return { ...subject, adapter: broken(subject.adapter, script) };
    },
    patienceMs: 300,
    ...(embeddingModel && { embeddingModel }),
  });
  return cases;
}

function answering(change: (answer: ChatAnswer) => ChatAnswer): Break {
  return (adapter) => ({ ...adapter, chat: async (call) => change(await adapter.chat(call)) });
}

function streaming(change: (batches: AsyncIterable<StreamBatch>) => AsyncIterable<StreamBatch>): Break {
  return (adapter) => ({
    ...adapter,
    async stream(call) {
      const { batches } = await adapter.stream(call);
      return { batches: change(batches) };
    },
  });
}

function chunkwise(change: (chunk: ChatCompletionChunk) => void): Break {
  return streaming(async function* (batches) {
    for await (const batch of batches) {
      for (const chunk of batch.chunks) if (typeof chunk !== 'string') change(chunk);
      yield batch;
    }
  });
}

/** Says another status than the provider did. */
function saying(status: number, instead: number): Break {
  return (adapter, script) => {
    if (script.status !== status) return adapter;
    const refuse = () => Promise.reject(statusError({ status: instead, headers: {}, message: 'scripted' }));
    return { ...adapter, chat: refuse, stream: refuse };
  };
}

function deaf(adapter: ProviderAdapter): ProviderAdapter {
  const { signal } = new AbortController();
  return {
    ...adapter,
    chat: (call) => adapter.chat({ ...call, signal }),
    stream: (call) => adapter.stream({ ...call, signal }),
  };
}

function lengthOf(text: string): number {
  return text.length;
}

function embedding(vector: (text: string, index: number) => number, more: Partial<EmbeddingsAnswer> = {}): Break {
  const embeddings = async ({ request, model }: RouteCall<EmbeddingsRequest>): Promise<EmbeddingsAnswer> => {
    const data = [request.input].flat().map((text, index) => {
      return { object: 'embedding' as const, index, embedding: [vector(String(text), index)] };
    });
    return { embeddings: { object: 'list', data, model }, ...more };
  };
  return (adapter) => ({ ...adapter, routes: { embeddings } });
}
