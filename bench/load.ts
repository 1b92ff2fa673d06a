import { Pool } from 'undici';

/** One run of load. */
export interface LoadOrder {
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly stream: boolean;
  readonly promptBytes: number;
  readonly concurrency: number;
  readonly requests: number;
}

/** Milliseconds, one per request; chunks counted to see that nothing is lost. */
export interface LoadReport {
  readonly latencies: number[];
  readonly firstBytes: number[];
  readonly seconds: number;
  readonly bytes: number;
}

/** Sends the requests, so many at a time, and waits for every last byte. */
async function run(order: LoadOrder): Promise<LoadReport> {
  const pool = new Pool(order.url, { connections: order.concurrency, headersTimeout: 0, bodyTimeout: 0 });
  const content = 'x'.repeat(order.promptBytes);
  const body = JSON.stringify({
    model: order.model,
    messages: [{ role: 'user', content }],
    max_tokens: 200,
    ...(order.stream && { stream: true }),
  });
  const headers = { authorization: `Bearer ${order.key}`, 'content-type': 'application/json' };
  const report = { latencies: [] as number[], firstBytes: [] as number[], bytes: 0 };
  let left = order.requests;
  const worker = async () => {
    while (left-- > 0) {
      const start = performance.now();
      const answer = await pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body });
      let first = 0;
      let bytes = 0;
      for await (const piece of answer.body) {
        first ||= performance.now();
        bytes += (piece as Buffer).length;
      }
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
      report.latencies.push(performance.now() - start);
      report.firstBytes.push(first - start);
      report.bytes += bytes;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: order.concurrency }, worker));
  const seconds = (performance.now() - start) / 1000;
  await pool.close();
  return { ...report, seconds };
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });
