import { equal, ok } from 'node:assert/strict';
import { gate } from './gate.js';
import type { ProviderCase } from './provider-samples.js';

/** Clients that leave, and limits that pass. */
export const stopCases: readonly ProviderCase[] = [
  {
    name: 'a whole answer that nobody waits for any more is given up',
    async run(start) {
      const before = gate();
      const provider = await start({ before });
      const controller = new AbortController();
      const answer = provider.adapter.chat(provider.chatCall({}, controller.signal));
      await provider.soon(before.reached, 'the request');
      controller.abort();
      await provider.thrownBy(answer, 'an aborted answer');
      await provider.stopped();
    },
  },
  {
    name: 'a stream that nobody waits for any more is given up before it begins',
    async run(start) {
      const before = gate();
      const provider = await start({ before });
      const controller = new AbortController();
      const stream = provider.adapter.stream(provider.chatCall({}, controller.signal));
      await provider.soon(before.reached, 'the request');
      controller.abort();
      await provider.thrownBy(stream, 'an aborted stream');
      await provider.stopped();
    },
  },
  {
    name: 'a stream that is aborted ends, and is not finished',
    async run(start) {
      const provider = await start({ text: ['first ', gate(), 'never'] });
      const controller = new AbortController();
      const stream = await provider.stream(provider.chatCall({}, controller.signal));
      while (stream.text === '') ok(await provider.soon(stream.next(), 'the first text'));
      const rest = stream.toEnd().then(
        () => {},
        () => {},
      );
      controller.abort();
      await provider.soon(rest, 'the end of an aborted stream');
      equal(stream.finished, false);
      equal(stream.text, 'first ');
      await provider.stopped();
    },
  },
  {
    name: 'a stream that is read no further lets go of its provider',
    async run(start) {
      const provider = await start({ text: ['first ', gate(), 'never'] });
      const stream = await provider.stream();
      while (stream.text === '') ok(await provider.soon(stream.next(), 'the first text'));
      ok(stream.iterator.return, 'the iterator has return()');
      await provider.soon(Promise.resolve(stream.iterator.return()), 'the end of reading');
      equal(await provider.soon(stream.next(), 'the end of the stream'), false);
      await provider.stopped();
    },
  },
];
