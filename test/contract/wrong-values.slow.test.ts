import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { FULL_REQUESTS } from '../helpers/full-requests.js';
import { askFaked, expectRefusedByName } from '../helpers/wrong-values.js';

/** Each value of a full request, in each format, replaced by each of many wrong ones: by nothing, null, a number, a text, … */

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway({ refusedPerMinute: 1_000_000 }, { answer: () => ({ text: 'Yes.' }) });
});
afterAll(() => site.close());

describe.each(Object.entries(FULL_REQUESTS))('a wrong value at %s', (route, body) => {
  it.each(['gpt', 'claude', 'gemini', 'deepseek'])(
    'is refused by its name for %s, or means what is left',
    async (model) => {
      const ask = (sent: object) => askFaked(site, route, model, sent);
      expect(await ask(body)).toMatchObject({ status: 200, wasSent: true });
      await expectRefusedByName(ask, body);
    },
    300_000,
  );
});
