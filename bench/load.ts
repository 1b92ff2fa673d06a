import type { Route } from './cases.js';

/** One run of load. */
export interface LoadOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Keys that take turns, where there are several. */
  readonly keys?: readonly string[];
  readonly model: string;
  readonly stream: boolean;
  /** @default 'chat/completions' */
  readonly route?: Route;
  readonly promptBytes: number;
  /** By default more than any answer has. */
  readonly maxTokens?: number;
  readonly concurrency: number;
  /** No request begins after this. */
  readonly seconds: number;
  readonly mostRequests?: number;
  /** Requests that are not reported: connections are opened for them, and caches filled again. */
  readonly unreported?: number;
}

/** Milliseconds: one latency and first byte per request, one age per chunk that says when it was sent. */
export interface LoadReport {
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  readonly latencies: number[];
  readonly firstBytes: number[];
  readonly chunkAges: number[];
}

/** One request, the same for all of a run. */
export interface LoadRequest {
  readonly method: 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request, hands over each piece of the answer, and returns its status. */
export type Send = (request: LoadRequest, take: (piece: Buffer) => void) => Promise<number>;

/** What the provider puts into a paced chunk: microseconds of the clock that all processes share. */
const STAMP = /@(\d+)@/g;

/** Sends requests, a number of them at a time, and waits for every last byte. */
export async function run(order: LoadOrder, send: Send): Promise<LoadReport> {
  const report = { latencies: [] as number[], firstBytes: [] as number[], chunkAges: [] as number[], errors: 0 };
  const request: LoadRequest = {
    method: 'POST',
    path: `/v1/${order.route ?? 'chat/completions'}`,
    headers: { ...order.headers, 'content-type': 'application/json' },
    body: JSON.stringify(bodyOf(order)),
  };
  const requests = order.keys?.map((key): LoadRequest => {
    const headers = { ...request.headers, authorization: `Bearer ${key}` };
    return { ...request, headers };
  }) ?? [request];
  let sentSoFar = 0;
  let left = order.mostRequests ?? Number.POSITIVE_INFINITY;
  let unreported = order.unreported ?? 0;
  const start = performance.now();
  const end = start + order.seconds * 1_000;
  const worker = async () => {
    while (left-- > 0 && performance.now() < end) {
      const sent = performance.now();
      try {
        let first = 0;
        let last = '';
        const status = await send(requests[sentSoFar++ % requests.length] ?? request, (piece) => {
          first ||= performance.now();
          last = piece.toString('latin1');
          if (last.includes('@')) note(last, report.chunkAges);
        });
        if (status !== 200 || (order.stream && last.includes('"error":{')))
          throw new Error(`status ${status}: ${last.slice(0, 300)}`);
        if (unreported-- > 0) continue;
        report.latencies.push(performance.now() - sent);
        report.firstBytes.push(first - sent);
      } catch (thrown) {
        if (report.errors++ === 0) console.error(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, worker));
  const seconds = (performance.now() - start) / 1_000;
  return { ...report, requests: report.latencies.length, seconds };
}

function bodyOf({ model, promptBytes, maxTokens = 1_000, stream, route }: LoadOrder): object {
  const prompt = 'x'.repeat(promptBytes);
  const asked =
    route === 'responses'
      ? { input: prompt, max_output_tokens: maxTokens }
      : { messages: [{ role: 'user', content: prompt }], max_tokens: maxTokens };
  return { model, ...asked, ...(stream && { stream: true }) };
}

function note(text: string, ages: number[]): void {
  const now = Number(process.hrtime.bigint() / 1_000n);
  for (const [, stamp] of text.matchAll(STAMP)) ages.push((now - Number(stamp)) / 1_000);
}
