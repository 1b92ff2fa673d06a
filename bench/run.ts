import { bundle, cleanUp, Part } from './processes.js';
import { Results } from './results.js';
import { costOfParts, costOfStores } from './sections/beside-plain.js';
import { workers } from './sections/cluster.js';
import { growthOfHistory, growthOfSizes } from './sections/growth.js';
import { aMillionRequests, openStreams } from './sections/memory.js';
import { otherGateways } from './sections/other-gateways.js';
import { pauses } from './sections/pauses.js';
import { sideBySide } from './sections/side-by-side.js';
import { startup } from './sections/startup.js';
import { LOAD_CORE, Starter } from './subjects.js';

/**
 * `npm run bench`: this gateway; `npm run bench -- --peers`: other ones; both write RESULTS.md.
 * `BENCH_ONLY=Gemini,stores` measures what has such a name, and prints. `--tiny` shows that it runs.
 */
const isTiny = process.argv.includes('--tiny');
const isPeers = process.argv.includes('--peers');
const only = process.env['BENCH_ONLY']?.split(',');
const wants = (name: string) => !only || only.some((part) => name.includes(part));
const PEERS = 'Other gateways';

const results = new Results({
  isWritten: !only && !isTiny,
  isAddition: isPeers,
  last: PEERS,
  keeps: (title) => isPeers || title === PEERS,
});
const load = (await Part.start(await bundle('http-load'), { core: LOAD_CORE })).part;
const upstream = await Part.start(await bundle('upstream'), { core: LOAD_CORE });
const bench = { load, starter: await Starter.prepare(upstream.hello.port) };
const note = (text: string) => results.note(text);

const OWN: Readonly<Record<string, () => Promise<string>>> = {
  'Cost of a request': () => sideBySide(bench, isTiny, wants),
  'Parts, unused and used': () => costOfParts(bench, isTiny),
  'Stores, one process': () => costOfStores(bench, isTiny, note),
  'Workers on shared stores': () => workers(bench, upstream.hello.port, isTiny),
  'Memory of open streams': () => openStreams(bench, isTiny),
  'A million requests': () => aMillionRequests(bench, isTiny),
  'Pauses of the event loop': () => pauses(bench, isTiny),
  'Start-up': () => startup(isTiny),
  'Growth with the size of a request and of an answer': () => growthOfSizes(bench, isTiny),
  'Growth with what the gateway already knows': () => growthOfHistory(isTiny),
};

try {
  if (isPeers) {
    const text = await otherGateways(bench, isTiny, wants);
    results.say(PEERS, `${results.facts()}\n\n${text}`);
  } else {
    for (const [title, measure] of Object.entries(OWN)) await section(title, measure);
  }
} finally {
  for (const part of [load, upstream.part]) part.stop();
  cleanUp();
}
results.end();

/** One part of the benchmark; when it fails the others are measured all the same. */
async function section(title: string, measure: () => Promise<string>): Promise<void> {
  const isWanted = wants(title) || title === 'Cost of a request';
  if (!isWanted) return;
  const started = performance.now();
  try {
    const text = await measure();
    if (text) results.say(title, text);
    console.log(`(${title}: ${((performance.now() - started) / 1_000).toFixed(0)} s)`);
  } catch (thrown) {
    process.exitCode = 1;
    note(`Not measured: ${title}. ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}
