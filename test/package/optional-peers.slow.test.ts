import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as Manifest;
const SUBPATHS = Object.keys(manifest.exports)
  .filter((name) => name !== './package.json')
  .map((name) => name.slice(1));

/** Entry points that are nothing without their peer. */
const NEEDED_AT_ONCE: Readonly<Record<string, string>> = {
  '/prometheus': 'prom-client',
  '/opentelemetry': '@opentelemetry/api',
};

/** An app with the built package and what is installed with it, and none of its optional peers. */
const app = mkdtempSync(join(tmpdir(), 'gateway-bare-'));

beforeAll(async () => {
  await buildPackage();
  const home = join(app, 'node_modules', 'metask-gateway');
  mkdirSync(home, { recursive: true });
  cpSync(join(REPOSITORY, 'package.json'), join(home, 'package.json'));
  cpSync(join(REPOSITORY, 'dist'), join(home, 'dist'), { recursive: true });
  for (const name of Object.keys(manifest.dependencies)) {
    const place = join(app, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(REPOSITORY, 'node_modules', name), place, 'dir');
  }
}, 400_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** Runs a script in the app; what it printed, as a value. */
async function run(file: string, script: string): Promise<unknown> {
  writeFileSync(join(app, file), script);
  const { NODE_OPTIONS, ...env } = process.env;
  const { stdout } = await promisify(execFile)('node', [file], { cwd: app, env });
  return JSON.parse(stdout);
}

test.each([
  ['an ES module', 'imports.mjs', (path: string) => `await import('metask-gateway${path}')`],
  ['a CommonJS module', 'imports.cjs', (path: string) => `require('metask-gateway${path}')`],
])('%s loads every entry point, but for those that are nothing without their peer', async (_name, file, load) => {
  const loads = SUBPATHS.map(
    (path) => `try { ${load(path)}; seen[${JSON.stringify(path)}] = 'loaded'; }
      catch (error) { seen[${JSON.stringify(path)}] = error.message; }`,
  );
  const seen = await run(
    file,
    `const seen = {}; (async () => { ${loads.join('\n')} console.log(JSON.stringify(seen)); })();`,
  );
  const expected = SUBPATHS.map((path) => {
    const peer = NEEDED_AT_ONCE[path];
    return [path, peer === undefined ? 'loaded' : expect.stringContaining(`'${peer}'`)];
  });
  expect(seen).toEqual(Object.fromEntries(expected));
});

test('the others say what to install when they are used', async () => {
  const seen = await run(
    'uses.mjs',
    `
    import { createGateway } from 'metask-gateway';
    import { gatewayModels } from 'metask-gateway/ai-sdk';
    import { bedrock } from 'metask-gateway/bedrock';
    import { fakeUpstream } from 'metask-gateway/testing';
    import { vertex } from 'metask-gateway/vertex';

    const upstream = await fakeUpstream();
    const { region, baseURL } = upstream.bedrock;
    const log = [];
    const note = (fields) => log.push(fields.message);
    const price = { input: 1, output: 1 };
    const gateway = createGateway({
      providers: {
        vertex: vertex({ project: 'p', location: 'global' }),
        signed: bedrock({ region, baseURL, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }),
        streamed: bedrock(upstream.bedrock),
      },
      models: {
        gemini: { provider: 'vertex', price },
        signed: { targets: [{ provider: 'signed', model: 'amazon.nova-pro-v1:0' }], price },
        streamed: { targets: [{ provider: 'streamed', model: 'amazon.nova-pro-v1:0' }], price },
      },
      plans: { free: { models: '*' } },
      retries: { maxAttempts: 1 },
      logger: { debug() {}, info() {}, warn: note, error: note },
    });
    const ask = (model, stream) =>
      gateway.fetchFor({ accountId: 'a' })('http://gateway/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
      }).then((answer) => answer.text());
    await ask('gemini');
    await ask('signed');
    await ask('streamed', true);
    await gatewayModels(gateway, { accountId: 'a' })('gemini').doGenerate({ prompt: [] }).catch(note);
    await gateway.close();
    await upstream.close();
    console.log(JSON.stringify(log.filter((text) => /npm install/.test(text))));
    `,
  );
  expect(seen).toEqual([
    "vertex() without a token needs the package 'google-auth-library': npm install google-auth-library",
    expect.stringMatching(/^bedrock\(\{ credentials \}\) needs the package '@(?:smithy|aws-crypto)\//),
    expect.stringMatching(/^a stream of bedrock\(\) needs the package '@smithy\//),
    "gatewayModels() needs the package '@ai-sdk/openai': npm install @ai-sdk/openai",
  ]);
});
