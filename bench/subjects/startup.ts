/** Imports one thing in a process of its own, and says what that took. The argument: `empty`, `undici` or `gateway`. */
export interface StartupReport {
  readonly importMs: number;
  readonly createMs: number;
  readonly heapMB: number;
  readonly addedHeapMB: number;
  readonly rssMB: number;
}

const megabytes = (bytes: number) => bytes / 1024 ** 2;
const heapBefore = process.memoryUsage().heapUsed;
const start = performance.now();
const create = await importOne(process.argv[2] ?? 'empty');
const imported = performance.now();
create?.();
const created = performance.now();
const { heapUsed, rss } = process.memoryUsage();
process.on('disconnect', () => process.exit());
process.send?.({
  importMs: imported - start,
  createMs: created - imported,
  heapMB: megabytes(heapUsed),
  addedHeapMB: megabytes(heapUsed - heapBefore),
  rssMB: megabytes(rss),
} satisfies StartupReport);

async function importOne(what: string): Promise<(() => unknown) | undefined> {
  if (what === 'undici') await import('undici');
  if (what !== 'gateway') return undefined;
  const { createGateway, openai } = await import('../../src/index.js');
  return () =>
    createGateway({
      providers: { openai: openai({ apiKey: 'sk-bench' }) },
      models: { bench: { provider: 'openai', price: { input: 0.15, output: 0.6 } } },
      plans: { free: { models: '*' } },
    });
}
