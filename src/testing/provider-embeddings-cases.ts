import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict';
import type { EmbeddingsAnswer } from '../providers/adapter.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { clientErrorOf, type ProviderCase, type ProviderSubject } from './provider-samples.js';

/** Adapters with embeddings. */
export const embeddingsCases: readonly ProviderCase[] = [
  {
    name: 'embeddings are a vector for each text, in their order',
    async run(start) {
      const provider = await start({});
      const { embeddings } = await embed(provider, ['one', 'other', 'one']);
      equal(embeddings.object, 'list');
      deepEqual(
        embeddings.data.map(({ object, index }) => [object, index]),
        [0, 1, 2].map((index) => ['embedding', index]),
      );
      const [one, other, again] = embeddings.data.map(({ embedding }) => embedding);
      ok(Array.isArray(one) && one.length > 0 && one.every(Number.isFinite), 'a vector is numbers');
      deepEqual(again, one);
      notDeepEqual(other, one);
    },
  },
  {
    name: 'the text of embeddings, where there is one, says the same as their value',
    async run(start) {
      const { embeddings, text } = await embed(await start({}), ['one', 'other']);
      if (text !== undefined) deepEqual(JSON.parse(text).data, embeddings.data);
    },
  },
  {
    name: 'embeddings report input tokens alone, where the provider counts them',
    async run(start) {
      const { usage } = await embed(await start({ usage: { input: 17, output: 0 } }), ['one']);
      if (usage !== undefined) {
        deepEqual([usage.inputTokens, usage.outputTokens, usage.source], [17, 0, 'provider']);
      }
    },
  },
  {
    name: 'errors of embeddings are those of chat',
    async run(start) {
      for (const [status, seen] of [
        [400, 400],
        [401, 502],
        [429, 503],
        [500, 502],
      ] as const) {
        const provider = await start({ status });
        const thrown = await provider.thrownBy(embed(provider, ['one']), 'embeddings');
        equal(clientErrorOf(thrown).status, seen);
        if (status > 400) ok(UpstreamError.isInstance(thrown), `no UpstreamError: ${String(thrown)}`);
      }
    },
  },
];

/** Adapters without. */
export const noEmbeddingsCases: readonly ProviderCase[] = [
  {
    name: 'embeddings that the suite was given no model for are absent, or refused as no fault of the provider',
    async run(start) {
      const provider = await start({});
      if (provider.adapter.routes?.embeddings === undefined) return;
      const { status } = clientErrorOf(await provider.thrownBy(embed(provider, ['one']), 'embeddings'));
      ok(status >= 400 && status < 500, `a refusal with status ${status}`);
    },
  },
];

async function embed(provider: ProviderSubject, input: string[]): Promise<EmbeddingsAnswer> {
  const { routes } = provider.adapter;
  ok(routes?.embeddings, 'the adapter has no embeddings');
  return provider.soon(routes.embeddings(provider.embeddingsCall(input)), 'embeddings');
}
