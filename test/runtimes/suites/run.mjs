/**
 * Runs the published suites on one driver, or the gateway's own check, in the runtime that this is started with.
 * Prints one line of JSON: `{ version, suites: [{ suite, passed, failures }] }`.
 */
import { itemStoreSuite, keyStoreSuite, meterSuite, rateLimiterSuite } from 'metask-gateway/testing';
import { drivers } from './drivers.mjs';
import { gatewayCases } from './gateway.mjs';

const [target] = process.argv.slice(2);

const results = target === 'gateway' ? [await run('gateway', gatewayCases)] : await runDriver(await drivers[target]());
console.log(JSON.stringify({ version: runtimeName(), suites: results }));
process.exit(0);

async function runDriver({ meter, keyStore, items, limiter, close }) {
  const suites = [];
  if (keyStore) suites.push(await run('keyStoreSuite', (test) => keyStoreSuite(test, { create: keyStore })));
  if (meter) suites.push(await run('meterSuite', (test) => meterSuite(test, { create: meter })));
  if (limiter) suites.push(await run('rateLimiterSuite', (test) => rateLimiterSuite(test, { create: limiter })));
  if (items) suites.push(await run('itemStoreSuite', (test) => itemStoreSuite(test, { create: items })));
  await close();
  return suites;
}

/** Collects the tests of a suite, then runs them one after another. */
async function run(suite, register) {
  const cases = [];
  register((name, test) => cases.push({ name, test }));
  const failures = [];
  for (const { name, test } of cases) {
    try {
      await test();
    } catch (error) {
      failures.push(`${name}: ${error?.stack ?? error}`);
    }
  }
  return { suite, passed: cases.length - failures.length, failures };
}

function runtimeName() {
  const { bun, deno, node } = process.versions;
  if (bun) return `Bun ${bun}`;
  return deno ? `Deno ${deno}` : `Node ${node}`;
}
