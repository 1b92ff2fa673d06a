import { PerformanceObserver } from 'node:perf_hooks';
import { quantile } from '../table.js';
import { socketless } from './socketless.js';

export interface PacedReport {
  readonly perSecond: number;
  /** Between two turns of the event loop, in ms. */
  readonly longestMs: number;
  readonly p999: number;
  readonly longestCollectionMs: number;
}

/**
 * As many as that many connections bring. Without a bound, a process that is behind for a moment begins all that is due in
 * one turn, which takes so long that as many are due in the next: the pause would be the load's own.
 */
const MOST_AT_ONCE = 256;

/** Requests at a fixed rate, without sockets; each turn of the event loop starts those that are due. */
const { gateway, requests } = await socketless({ accounts: 1_000, events: 0 });

async function pace(perSecond: number, seconds: number): Promise<PacedReport> {
  const collections: number[] = [];
  const observer = new PerformanceObserver((list) =>
    collections.push(...list.getEntries().map((entry) => entry.duration)),
  );
  observer.observe({ entryTypes: ['gc'] });
  const gaps: number[] = [];
  const running = new Set<Promise<unknown>>();
  const start = performance.now();
  let [last, sent] = [start, 0];
  while (last - start < seconds * 1_000) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    for (const due = ((now - start) / 1_000) * perSecond; sent < due && running.size < MOST_AT_ONCE; sent += 1) {
      const request = requests[sent % requests.length];
      if (request) one(request);
    }
  }
  await Promise.all(running);
  observer.disconnect();
  return {
    perSecond: sent / ((performance.now() - start) / 1_000),
    longestMs: gaps.reduce((most, gap) => Math.max(most, gap), 0),
    p999: quantile(gaps, 0.999),
    longestCollectionMs: collections.reduce((most, each) => Math.max(most, each), 0),
  };

  function one(request: (typeof requests)[number]): void {
    const answer = Promise.resolve(gateway.handle(request)).then(({ status }) => {
      running.delete(answer);
      if (status !== 200) throw new Error(`status ${status}`);
    });
    running.add(answer);
  }
}

process.on('disconnect', () => process.exit());
process.on('message', ({ perSecond, seconds }: { perSecond: number; seconds: number }) => {
  void pace(perSecond, seconds).then((report) => process.send?.(report));
});
process.send?.({ port: 0 });
