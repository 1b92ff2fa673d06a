import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { claudeCode, codex, runAgent } from './agent-cli.js';

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
});
afterAll(() => site.close());

const MODELS = ['gpt', 'gpt-5', 'claude', 'claude-opus', 'gemini', 'gemini-3', 'deepseek'];

describe.each([claudeCode, codex])('$name, changed in nothing but model, base URL and key', (agent) => {
  test.skipIf(agent.program === undefined).each(MODELS)('reads a file, edits it and ends, on %s', async (model) => {
    const before = await requests();
    const { said, notes } = await runAgent(agent, site, model);
    expect(notes).toBe('The sky is blue.\n');
    expect(said).toContain('The sky is blue now.');
    expect(await requests()).toBe(before + 3);
  });

  async function requests(): Promise<number> {
    const rows = await site.gateway.usage.query({ accountId: 'user_1' });
    return rows.reduce((sum, row) => sum + row.requests, 0);
  }
});
