import { equal, ok } from 'node:assert/strict';
import { UpstreamError } from '../upstream/upstream-error.js';
import { clientErrorOf, type ProviderCase, type ProviderSubject } from './provider-samples.js';

/** How an error answer reaches a client: its status, and for the gateway's own faults the code. */
const SEEN: readonly (readonly [status: number, seen: number, code?: string])[] = [
  [400, 400],
  [401, 502, 'upstream_error'],
  [403, 502, 'upstream_error'],
  [429, 503, 'upstream_unavailable'],
  [500, 502, 'upstream_error'],
  [503, 503, 'upstream_unavailable'],
  [504, 504, 'upstream_timeout'],
];

/** What a provider refuses or fails to do. */
export const errorCases: readonly ProviderCase[] = [
  ...SEEN.map(
    ([status, seen, code]): ProviderCase => ({
      name: `a provider's ${status} is a ${seen} for the client, before the first event of a stream, too`,
      async run(start) {
        const provider = await start({ status, headers: { 'retry-after': '7' } });
        for (const thrown of await bothErrors(provider)) {
          const error = clientErrorOf(thrown);
          equal(error.status, seen);
          if (code === undefined) continue;
          equal(error.code, code);
          ok(UpstreamError.isInstance(thrown), 'the gateway may try elsewhere');
        }
      },
    }),
  ),
  {
    name: 'how long a provider asks to wait is known',
    async run(start) {
      const provider = await start({ status: 429, headers: { 'retry-after': '7' } });
      for (const thrown of await bothErrors(provider)) {
        ok(UpstreamError.isInstance(thrown));
        equal(thrown.retryAfterMs, 7_000);
        equal(thrown.clientError.headers['retry-after'], '7');
      }
    },
  },
  {
    name: 'a refused credential is a fault of the gateway’s own, and its text stays inside',
    async run(start) {
      const provider = await start({ status: 401 });
      for (const thrown of await bothErrors(provider)) {
        ok(UpstreamError.isInstance(thrown));
        equal(thrown.fault, 'auth');
        ok(!thrown.clientError.message.includes('scripted'), 'the text of the provider reached the client');
      }
    },
  },
  {
    name: 'an invalid answer is an error of the provider',
    async run(start) {
      const provider = await start({ body: '<html>It works!</html>', headers: { 'content-type': 'text/html' } });
      for (const thrown of await bothErrors(provider)) {
        ok(UpstreamError.isInstance(thrown), `no UpstreamError: ${String(thrown)}`);
        equal(thrown.clientError.status, 502);
      }
    },
  },
  {
    name: 'a whole answer whose connection breaks is an error of the provider',
    async run(start) {
      const provider = await start({ text: ['x'.repeat(4_096)], resetAfterBytes: 2_048 });
      const thrown = await provider.thrownBy(provider.adapter.chat(provider.chatCall()), 'half an answer');
      ok(UpstreamError.isInstance(thrown), `no UpstreamError: ${String(thrown)}`);
    },
  },
];

/** What the two methods reject with; a stream may have said it only with its first batch if its status is not an error. */
async function bothErrors(provider: ProviderSubject): Promise<unknown[]> {
  const { adapter } = provider;
  return [
    await provider.thrownBy(adapter.chat(provider.chatCall()), 'chat'),
    await provider.thrownBy(adapter.stream(provider.chatCall()), 'stream'),
  ];
}
