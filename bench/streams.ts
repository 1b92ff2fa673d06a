import type { LoadOrder, LoadReport } from './load.js';
import { bundle, Part } from './processes.js';
import { LOAD_CORE, type Running, type Starter, type SubjectKind } from './subjects.js';

const WARM_UP_STREAMS = 200;

/** KB of resident memory that each of many open streams takes. */
export async function memoryPerStream(kind: SubjectKind, streams: number, starter: Starter): Promise<number> {
  const { part, hello } = await starter.start(kind, { path: '/hold', model: 'bench-openai' });
  const holder = await Part.start(await bundle('hold'), { args: [JSON.stringify(hello)], core: LOAD_CORE });
  await holder.part.ask(WARM_UP_STREAMS);
  const before = (await part.ask('gc')) as { rss: number };
  await holder.part.ask(streams);
  const after = (await part.ask('gc')) as { rss: number };
  holder.part.stop();
  part.stop();
  return (after.rss - before.rss) / streams / 1_024;
}

/** Many paced streams at the same time through one process. */
export async function pacedAtOnce(
  kind: SubjectKind,
  streams: number,
  starter: Starter,
  load: Part,
): Promise<LoadReport> {
  const { part, hello }: Running = await starter.start(kind, { path: '/paced', model: 'bench-openai' });
  const order: LoadOrder = {
    url: `http://127.0.0.1:${hello.port}`,
    headers: hello.headers,
    model: 'bench-openai',
    stream: true,
    promptBytes: 100,
    concurrency: streams,
    mostRequests: streams,
    seconds: 60,
  };
  const report = (await load.ask(order)) as LoadReport;
  part.stop();
  return report;
}
