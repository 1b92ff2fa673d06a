import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { loggedErrors, testLogger } from '../helpers/test-logger.js';
import { type ObservedGateway, observedGateway } from './observed-gateway.js';

let site: ObservedGateway;
afterEach(() => site.close());

const fails = {
  throws: () => {
    throw new Error('of the host');
  },
  rejects: async () => {
    throw new Error('of the host');
  },
};

describe.each(Object.entries(fails))("a function of the host's that %s", (_how, failing) => {
  test.each([
    ['onUsage', { onUsage: failing }, 'onUsage threw'],
    ['onRequest', { onRequest: failing }, 'onRequest threw'],
    ['telemetry', { telemetry: { ended: failing } }, 'an observer of requests threw'],
    ['metrics', { metrics: { attach: () => {}, ended: failing } }, 'an observer of requests threw'],
  ])('as %s is logged, and changes nothing', async (_name, options, logged) => {
    site = await observedGateway({ ...options, logger: testLogger });
    expect((await site.ask()).status).toBe(200);
    await eventually(async () => (await site.gateway.usage.events({})).length === 1);
    expect(loggedErrors()).toEqual([logged]);
  });

  test('as a subscriber is logged, and the others still hear', async () => {
    site = await observedGateway({ logger: testLogger });
    const heard: string[] = [];
    site.gateway.usage.subscribe(failing);
    site.gateway.usage.subscribe(({ id }) => void heard.push(id));
    const { requestId } = await site.ask();
    expect(heard).toEqual([requestId]);
    expect(loggedErrors()).toEqual(['onUsage threw']);
  });

  test('as onError is logged, and the client has its answer', async () => {
    site = await observedGateway({ onError: failing, logger: testLogger });
    site.upstream.answer({ status: 500 }, { status: 500 });
    expect((await site.ask()).status).toBe(502);
    expect(loggedErrors()).toEqual(['onError threw']);
  });
});
