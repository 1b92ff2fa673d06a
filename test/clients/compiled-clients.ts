/** Clients that take minutes to compile, run by hand: `npx tsx test/clients/compiled-clients.ts`. Prints a row of docs/clients.md for each. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clientGateway, MODELS } from './client-gateway.js';
import type { Checked } from './run-client.js';
import { type ClientResults, tableOf } from './table.js';

const PROVIDERS = Object.keys(MODELS) as (keyof typeof MODELS)[];
const folder = mkdtempSync(join(tmpdir(), 'gateway-clients-'));
const program = join(folder, 'client');
execFileSync('go', ['build', '-o', program, '.'], {
  cwd: fileURLToPath(new URL('go', import.meta.url)),
  stdio: 'inherit',
});

const gateway = await clientGateway();
const byProvider = new Map<string, readonly Checked[]>();
for (const provider of PROVIDERS) {
  const { stdout } = await promisify(execFile)(program, [gateway.baseURL, gateway.apiKey, MODELS[provider]]);
  byProvider.set(provider, JSON.parse(stdout) as Checked[]);
}
const results: ClientResults = new Map([['`openai-go`', byProvider]]);
console.log(tableOf(results, PROVIDERS));
await gateway.close();
rmSync(folder, { recursive: true, force: true });
