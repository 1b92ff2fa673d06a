import { Pool } from 'undici';
import { type LoadOrder, type LoadReport, run } from './load.js';

/** The load as a process of its own, over HTTP. */
async function runOverHttp(order: LoadOrder): Promise<LoadReport> {
  const pool = new Pool(order.url, { connections: order.concurrency, headersTimeout: 0, bodyTimeout: 0 });
  try {
    return await run(order, async (request, take) => {
      const { statusCode, body } = await pool.request(request);
      for await (const piece of body) take(piece as Buffer);
      return statusCode;
    });
  } finally {
    await pool.close();
  }
}

process.on('message', (order: LoadOrder) => {
  void runOverHttp(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });
