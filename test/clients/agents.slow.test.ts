import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { type AgentCli, claudeCode, codex, geminiCli, opencode, runAgent } from './agent-cli.js';

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
});
afterAll(() => site.close());

const MODELS = ['gpt', 'gpt-5', 'claude', 'claude-opus', 'gemini', 'gemini-3', 'deepseek'];

describe.each([claudeCode, codex, geminiCli])('$name, changed in nothing but model, base URL and key', (agent) => {
  test.skipIf(agent.program === undefined).each(MODELS)('reads a file, edits it and ends, on %s', (model) =>
    correctsTheNotes(agent, model),
  );
});

// One start takes seconds: one model for each API, of another provider than the API's own.
const OPENCODE_MODELS = ['claude-opus', 'claude', 'gemini-3', 'deepseek'];

describe.each(opencode.map((agent, api) => ({ ...agent, model: OPENCODE_MODELS[api] as string })))('$name', (agent) => {
  test.skipIf(agent.program === undefined)(`reads a file, edits it and ends, on ${agent.model}`, () =>
    correctsTheNotes(agent, agent.model),
  );
});

async function correctsTheNotes(agent: AgentCli, model: string): Promise<void> {
  const before = await requests();
  const { said, notes } = await runAgent(agent, site, model);
  expect(notes).toBe('The sky is blue.\n');
  expect(said).toContain('The sky is blue now.');
  expect(await requests()).toBe(before + 3);
}

async function requests(): Promise<number> {
  const rows = await site.gateway.usage.query({ accountId: 'user_1' });
  return rows.reduce((sum, row) => sum + row.requests, 0);
}

const folder = fileURLToPath(new URL('python/', import.meta.url));
const python = `${folder}.venv/bin/python`;
const hasClient = await promisify(execFile)(python, ['-c', 'import anthropic']).then(
  () => true,
  () => false,
);

test.skipIf(!hasClient)('the Python client of Anthropic works on a model of every provider', async () => {
  const { stdout } = await promisify(execFile)(
    python,
    [`${folder}anthropic_client.py`, site.origin, site.key, 'gpt', 'claude', 'gemini', 'deepseek'],
    { timeout: 240_000 },
  );
  expect(stdout.trim()).toBe('ok');
});
