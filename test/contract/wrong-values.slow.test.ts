import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { FULL_REQUESTS } from '../helpers/full-requests.js';
import { wrongBodies } from '../helpers/wrong-values.js';

/** Each value of a full request, in each format, replaced by each of many wrong ones: by nothing, null, a number, a text, … */

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway({ refusedPerMinute: 1_000_000 }, { answer: () => ({ text: 'Yes.' }) });
});
afterAll(() => site.close());

async function ask(route: string, model: string, body: object) {
  const before = site.upstream.requests.length;
  const response = await site.gateway.fetch(
    new Request(`http://gateway/${route.replace('MODEL', model)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': site.key },
      body: JSON.stringify(body).replace('"MODEL"', JSON.stringify(model)),
    }),
  );
  const text = await response.text();
  return { status: response.status, text, wasSent: site.upstream.requests.length > before };
}

describe.each(Object.entries(FULL_REQUESTS))('a wrong value at %s', (route, body) => {
  it.each(['gpt', 'claude', 'gemini', 'deepseek'])(
    'is refused by its name for %s, or means what is left',
    async (model) => {
      expect(await ask(route, model, body)).toMatchObject({ status: 200, wasSent: true });
      for (const { path, value, body: wrong } of wrongBodies(body)) {
        const { status, text, wasSent } = await ask(route, model, wrong);
        const said = `${path.join('.')} = ${JSON.stringify(value)}: ${text}`;
        // An unknown model is not found.
        expect([200, 400, 404], said).toContain(status);
        if (status !== 400) continue;
        expect(wasSent, said).toBe(false);
        expect(text, said).toContain(String(path[0]));
      }
    },
    300_000,
  );
});
