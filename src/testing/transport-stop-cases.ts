import { equal, ok } from 'node:assert/strict';
import { type TransportCase, textOf } from './transport-samples.js';

const MEGABYTE = 1_048_576;
const PIECE = Buffer.alloc(64 * 1_024, 'x');

/** Failures, aborts, and readers that stop. */
export const stopCases: readonly TransportCase[] = [
  {
    name: 'where nobody listens, nothing was sent: `connect`',
    async run(subject) {
      const origin = await subject.unserved();
      equal((await subject.errorOf(subject.send(origin), 'a refused connection')).fault, 'connect');
      equal((await subject.errorOf(subject.send('http://provider.invalid/'), 'an unknown host')).fault, 'connect');
    },
  },
  {
    name: 'a connection that breaks before the answer is `lost`',
    async run(subject) {
      const origin = await subject.serve((_, response) => response.destroy());
      equal((await subject.errorOf(subject.send(origin), 'a broken connection')).fault, 'lost');
    },
  },
  {
    name: 'an answer that breaks off is `lost`, and never looks complete',
    async run(subject) {
      const origin = await subject.serve((_, response) => {
        response.writeHead(200, { 'content-length': 10 });
        response.write('half', () => response.destroy());
      });
      const { body } = await subject.send(origin);
      equal((await subject.errorOf(textOf(body), 'half an answer')).fault, 'lost');
    },
  },
  {
    name: 'an aborted signal ends a request that has no answer yet',
    async run(subject) {
      const controller = new AbortController();
      let begun = () => {};
      let ended = () => {};
      const received = new Promise<void>((resolve) => (begun = resolve));
      const closed = new Promise<void>((resolve) => (ended = resolve));
      const origin = await subject.serve((_, response) => {
        response.once('close', ended);
        begun();
      });
      const waiting = subject.errorOf(subject.send(origin, { signal: controller.signal }), 'an aborted request');
      await subject.soon(received, 'the request');
      controller.abort();
      equal((await waiting).fault, 'aborted');
      await subject.soon(closed, 'the end of the connection');
    },
  },
  {
    name: 'an aborted signal ends an answer that is being read',
    async run(subject) {
      const controller = new AbortController();
      let ended = () => {};
      const closed = new Promise<void>((resolve) => (ended = resolve));
      const origin = await subject.serve((_, response) => {
        response.once('close', ended);
        response.writeHead(200).write('begun');
      });
      const { body } = await subject.send(origin, { signal: controller.signal });
      await subject.soon(body.read(), 'the first piece');
      const reading = subject.errorOf(body.read(), 'an aborted answer');
      controller.abort();
      equal((await reading).fault, 'aborted');
      await subject.soon(closed, 'the end of the connection');
    },
  },
  {
    name: 'a signal that was aborted before sends nothing',
    async run(subject) {
      let asked = 0;
      const origin = await subject.serve((_, response) => {
        asked += 1;
        response.end();
      });
      const controller = new AbortController();
      controller.abort();
      await subject.errorOf(subject.send(origin, { signal: controller.signal }), 'a request that was aborted before');
      equal(asked, 0);
    },
  },
  {
    name: 'a provider that is not read is held back',
    async run(subject) {
      let sent = 0;
      let ended = () => {};
      const closed = new Promise<void>((resolve) => (ended = resolve));
      const origin = await subject.serve((_, response) => {
        response.once('close', ended);
        const more = () => {
          while (sent < 100 * MEGABYTE && response.write(PIECE)) sent += PIECE.length;
          response.once('drain', more);
        };
        more();
      });
      const { body } = await subject.send(origin);
      await subject.soon(
        rest(() => sent),
        'a rest of the provider',
      );
      ok(sent < 64 * MEGABYTE, `the provider sent ${sent} bytes that nobody read`);
      body.cancel();
      await subject.soon(closed, 'the end of the connection');
    },
  },
  {
    name: 'a body may be canceled and discarded at any time, any number of times',
    async run(subject) {
      const origin = await subject.serve((_, response) => response.writeHead(200).write('x'));
      for (const steps of [['cancel', 'cancel', 'discard'] as const, ['discard', 'discard', 'cancel'] as const]) {
        const { body } = await subject.send(origin);
        for (const step of steps) body[step]();
        const read = body.read().then(
          () => {},
          () => {},
        );
        await subject.soon(read, 'the end of a body that nobody wants');
      }
    },
  },
];

/** Resolves when a figure has stayed the same for some turns of the event loop and a tenth of a second. */
async function rest(figure: () => number): Promise<void> {
  for (let before = -1; before !== figure(); ) {
    before = figure();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
