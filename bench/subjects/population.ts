import { socketless } from './socketless.js';
import { collectGarbage } from './subject.js';

/**
 * Cost of a request in a gateway that already has many accounts, keys and settled requests; no sockets. Prints
 * nothing: answers its parent with microseconds, the best of some batches.
 */
const BATCH = 5_000;
const BATCHES = 12;

async function measure(accounts: number, events: number): Promise<number> {
  const { gateway, requests } = await socketless({ accounts, events });
  // Once: what filled the store is no part of the requests, and each collection throws compiled code away.
  collectGarbage();
  let best = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const start = process.cpuUsage();
    for (let i = 0; i < BATCH; i += 1) {
      const request = requests[i % requests.length];
      const { status } = request ? await gateway.handle(request) : { status: 0 };
      if (status !== 200) throw new Error(`status ${status}`);
    }
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / BATCH);
  }
  await gateway.close();
  return best;
}

process.on('message', ({ accounts, events }: { accounts: number; events: number }) => {
  void measure(accounts, events).then((micros) => process.send?.(micros));
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });
