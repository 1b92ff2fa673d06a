/**
 * Clients that take minutes to compile or to install, run by hand: `npx tsx test/clients/manual-clients.ts [NAME…]`. Prints the rows of
 * docs/clients.md. What lacks its compiler is skipped, and said to be.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clientGateway, MODELS } from './client-gateway.js';
import { type Checked, nodeOfClients } from './run-client.js';
import { type ClientResults, tableOf } from './table.js';

/** Builds a client in a folder of its own, and says how it is started. */
type Build = (folder: string) => readonly string[];

const PROVIDERS = Object.keys(MODELS) as (keyof typeof MODELS)[];
/** LiteLLM and Haystack call home at their start, unless told otherwise. */
const QUIET = { LITELLM_LOCAL_MODEL_COST_MAP: 'True', HAYSTACK_TELEMETRY_ENABLED: 'False' };
const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const CLIENTS: Readonly<Record<string, { readonly title: string; readonly needs: string; readonly build: Build }>> = {
  go: { title: '`openai-go` 3.99', needs: 'go', build: buildGo },
  rust: { title: '`async-openai` 0.43 (Rust)', needs: 'cargo', build: buildRust },
  java: { title: '`openai-java` 4.101', needs: 'mvn', build: (folder) => buildJava(folder, 'OpenaiJava') },
  spring: { title: '`spring-ai-openai` 1.1.2', needs: 'mvn', build: (folder) => buildJava(folder, 'SpringAi') },
  copilotkit: {
    title: '`@copilotkit/runtime` 1.75',
    needs: 'npm',
    build: (folder) => buildNode(folder, 'copilotkit.mjs', '@copilotkit/runtime@1.75.0', 'openai@7.55.0', 'zod@4.6.7'),
  },
  librechat: {
    title: '`@librechat/agents` 3.2',
    needs: 'npm',
    build: (folder) => buildNode(folder, 'librechat.mjs', '@librechat/agents@3.2.21', 'zod@4.6.7'),
  },
  mastra: {
    title: '`@mastra/core` 0.24',
    needs: 'npm',
    build: (folder) => buildNode(folder, 'mastra.mjs', '@mastra/core@0.24.9', 'zod@3.25.76'),
  },
  'pydantic-ai': {
    title: '`pydantic-ai` 2.68 (Python)',
    needs: 'python3',
    build: (folder) =>
      buildPython(folder, 'pydantic_ai_client.py', 'pydantic-ai-slim[openai,anthropic,google]==2.68.0'),
  },
  litellm: {
    title: '`litellm` 1.110 (Python)',
    needs: 'python3',
    build: (folder) => buildPython(folder, 'litellm_client.py', 'litellm==1.110.2'),
  },
  'llama-index': {
    title: '`llama-index` 0.14 (Python)',
    needs: 'python3',
    build: (folder) =>
      buildPython(
        folder,
        'llama_index_client.py',
        'llama-index-llms-openai-like==0.8.1',
        'llama-index-embeddings-openai-like==0.4.0',
        'llama-index-core==0.14.25',
      ),
  },
  smolagents: {
    title: '`smolagents` 1.26 (Python)',
    needs: 'python3',
    build: (folder) => buildPython(folder, 'smolagents_client.py', 'smolagents[openai]==1.26.0'),
  },
  'semantic-kernel': {
    title: '`semantic-kernel` 1.45 (Python)',
    needs: 'python3',
    build: (folder) => buildPython(folder, 'semantic_kernel_client.py', 'semantic-kernel==1.45.0'),
  },
  dspy: {
    title: '`dspy` 3.4 (Python)',
    needs: 'python3',
    build: (folder) => buildPython(folder, 'dspy_client.py', 'dspy[numpy]==3.4.1'),
  },
  aider: {
    title: '`aider-chat` 0.86 (Python)',
    needs: 'python3',
    build: (folder) => buildPython(folder, 'aider_client.py', 'aider-chat==0.86.2'),
  },
  haystack: {
    title: '`haystack-ai` 3.4 (Python)',
    needs: 'python3',
    build: (folder) => buildPython(folder, 'haystack_client.py', 'haystack-ai==3.4.1'),
  },
};

function run(folder: string, program: string, ...args: string[]): void {
  execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

function buildGo(folder: string): readonly string[] {
  const program = join(folder, 'client');
  run(source('go'), 'go', 'build', '-o', program, '.');
  return [program];
}

function buildRust(folder: string): readonly string[] {
  run(source('rust'), 'cargo', 'build', '--locked', '--quiet', '--target-dir', folder);
  return [join(folder, 'debug/client')];
}

function buildJava(folder: string, main: string): readonly string[] {
  cpSync(source('java'), folder, { recursive: true });
  run(folder, 'mvn', '-q', '-B', 'compile', 'dependency:build-classpath', '-Dmdep.outputFile=classpath');
  return ['java', '-cp', `${join(folder, 'target/classes')}:${readFileSync(join(folder, 'classpath'), 'utf8')}`, main];
}

function buildNode(folder: string, script: string, ...packages: string[]): readonly string[] {
  run(folder, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages);
  cpSync(source(`scenarios/${script}`), join(folder, script));
  return [nodeOfClients, join(folder, script)];
}

function buildPython(folder: string, script: string, ...packages: string[]): readonly string[] {
  run(folder, 'python3', '-m', 'venv', 'env');
  const python = join(folder, 'env/bin/python');
  run(folder, python, '-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages);
  return [python, source(`python/${script}`)];
}

function exists(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const wanted = process.argv.slice(2);
const gateway = await clientGateway();
const results: ClientResults = new Map();
for (const [name, { title, needs, build }] of Object.entries(CLIENTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!exists(needs)) {
    console.error(`${name} was not run: there is no ${needs} here`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), 'gateway-clients-'));
  try {
    const [program = '', ...args] = build(folder);
    const byProvider = new Map<string, readonly Checked[]>();
    for (const provider of PROVIDERS) {
      const command = [...args, gateway.baseURL, gateway.apiKey, MODELS[provider]];
      const { stdout } = await promisify(execFile)(program, command, {
        env: { ...process.env, ...QUIET },
        maxBuffer: 1e8,
      });
      byProvider.set(provider, JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Checked[]);
    }
    results.set(title, byProvider);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(tableOf(results, PROVIDERS));
for (const [title, byProvider] of results) {
  for (const [provider, checked] of byProvider) {
    for (const { route, feature, error } of checked) if (error) console.error(title, provider, route, feature, error);
  }
}
await gateway.close();
