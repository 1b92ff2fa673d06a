import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FakeAnswer } from '../../src/testing/index.js';
import type { AgentGateway } from '../helpers/agent-gateway.js';

/** An agent for the command line, run without a terminal in a folder of its own. */
export interface AgentCli {
  readonly name: string;
  /** Where it is installed; undefined when it is not. */
  readonly program: string | undefined;
  /** What a model must say so that the agent reads `notes.txt`, changes it, and ends. */
  script(file: string): FakeAnswer[];
  /** Settings, arguments and environment of one run: nothing but model, base URL and key. */
  prepare(folder: string, site: AgentGateway, model: string): { args: string[]; env: Record<string, string> };
}

/** What came of a run. */
export interface AgentRun {
  readonly said: string;
  /** `notes.txt` afterwards. */
  readonly notes: string;
}

const TASK = 'Correct the colour of the sky in notes.txt.';
const LAST_WORDS = { text: ['The sky', ' is blue now.'] };

function installed(name: string): string | undefined {
  return existing(`.bin/${name}`);
}

function existing(path: string): string | undefined {
  const program = fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
  return existsSync(program) ? program : undefined;
}

export const claudeCode: AgentCli = {
  name: 'Claude Code',
  program: installed('claude'),
  script: (file) => [
    { text: ['Reading.'], toolCalls: [{ id: 'call_read', name: 'Read', arguments: { file_path: file } }] },
    {
      text: ['Editing.'],
      toolCalls: [
        { id: 'call_edit', name: 'Edit', arguments: { file_path: file, old_string: 'green', new_string: 'blue' } },
      ],
    },
    LAST_WORDS,
  ],
  prepare: (_folder, { origin, key }, model) => ({
    args: ['-p', TASK, '--model', model, '--permission-mode', 'acceptEdits'],
    env: {
      ANTHROPIC_BASE_URL: origin,
      ANTHROPIC_AUTH_TOKEN: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
  }),
};

const PATCH = '*** Begin Patch\n*** Update File: notes.txt\n@@\n-The sky is green.\n+The sky is blue.\n*** End Patch';

export const codex: AgentCli = {
  name: 'Codex',
  program: installed('codex'),
  script: () => [
    { text: ['Reading.'], toolCalls: [{ id: 'call_1', name: 'exec_command', arguments: { cmd: 'cat notes.txt' } }] },
    {
      text: ['Editing.'],
      toolCalls: [{ id: 'call_2', name: 'exec_command', arguments: { cmd: `apply_patch <<'EOF'\n${PATCH}\nEOF` } }],
    },
    LAST_WORDS,
  ],
  prepare(folder, { origin, key }, model) {
    const home = join(folder, '.codex');
    mkdirSync(home);
    const provider = `name = "gateway"\nbase_url = "${origin}/v1"\nenv_key = "GATEWAY_KEY"\nwire_api = "responses"\n`;
    writeFileSync(
      join(home, 'config.toml'),
      `model = "${model}"\nmodel_provider = "gateway"\n[model_providers.gateway]\n${provider}`,
    );
    return {
      args: ['exec', '--skip-git-repo-check', '--sandbox', 'danger-full-access', TASK],
      env: { GATEWAY_KEY: key, CODEX_HOME: home },
    };
  },
};

export const geminiCli: AgentCli = {
  name: 'Gemini CLI',
  program: installed('gemini'),
  script: (file) => [
    { text: ['Reading.'], toolCalls: [{ id: 'call_read', name: 'read_file', arguments: { file_path: file } }] },
    {
      text: ['Editing.'],
      toolCalls: [
        {
          id: 'call_edit',
          name: 'replace',
          arguments: { file_path: file, instruction: 'The colour.', old_string: 'green', new_string: 'blue' },
        },
      ],
    },
    LAST_WORDS,
  ],
  prepare(folder, { origin, key }, model) {
    const home = join(folder, '.gemini');
    mkdirSync(home);
    const settings = {
      security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
      privacy: { usageStatisticsEnabled: false },
      general: { disableAutoUpdate: true },
    };
    writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
    return {
      args: ['-p', TASK, '--model', model, '--approval-mode', 'auto_edit'],
      env: { GOOGLE_GEMINI_BASE_URL: origin, GEMINI_API_KEY: key },
    };
  },
};

/** The client libraries that opencode speaks through, and where each expects its API below the gateway. */
const OPENCODE_CLIENTS = {
  '@ai-sdk/openai-compatible': 'v1',
  '@ai-sdk/openai': 'v1',
  '@ai-sdk/anthropic': 'v1',
  '@ai-sdk/google': 'v1beta',
} as const;

/** opencode, once for each API: chat completions, responses, messages and `generateContent`. */
export const opencode: AgentCli[] = Object.entries(OPENCODE_CLIENTS).map(([npm, path]) => ({
  name: `opencode by ${npm}`,
  program: existing('opencode-linux-x64/bin/opencode'),
  script: (file) => [
    { text: ['Reading.'], toolCalls: [{ id: 'call_read', name: 'read', arguments: { filePath: file } }] },
    {
      text: ['Editing.'],
      toolCalls: [
        { id: 'call_edit', name: 'edit', arguments: { filePath: file, oldString: 'green', newString: 'blue' } },
      ],
    },
    LAST_WORDS,
  ],
  prepare(folder, { origin, key }, model) {
    const gateway = { npm, options: { baseURL: `${origin}/${path}`, apiKey: key }, models: { [model]: {} } };
    const settings = { provider: { gateway }, autoupdate: false, share: 'disabled' };
    writeFileSync(join(folder, 'opencode.json'), JSON.stringify(settings));
    return {
      args: ['run', '--title', 'sky', '--model', `gateway/${model}`, TASK],
      env: { OPENCODE_DISABLE_MODELS_FETCH: '1' },
    };
  },
}));

/** Runs an agent on a model until it ends. */
export async function runAgent(agent: AgentCli, site: AgentGateway, model: string): Promise<AgentRun> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-'));
  const file = join(folder, 'notes.txt');
  writeFileSync(file, 'The sky is green.\n');
  const { args, env } = agent.prepare(folder, site, model);
  site.upstream.answer(...agent.script(file));
  try {
    const said = await new Promise<string>((resolve, reject) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env }, timeout: 240_000 };
      const child = execFile(agent.program ?? '', args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
        else resolve(stdout);
      });
      child.stdin?.end();
    });
    return { said, notes: readFileSync(file, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
