import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { fakeUpstream } from '../../src/testing/index.js';
import { REPOSITORY } from '../helpers/built-package.js';
import { listen } from '../helpers/listen.js';
import { clientAt } from '../http/shared.js';
import { documents, snippets } from './snippets.js';

/** What the documents take for granted: the app around a snippet, and what an earlier one made. */
const SURROUNDINGS = `
import type { ChatCall, ChatCompletion, ChatCompletionChunk, ChatDialect, Gateway, GatewayOptions, KeyStore, Meter, RateLimiter } from 'metask-gateway';
import type { IncomingMessage } from 'node:http';
declare global {
  namespace express { type Request = IncomingMessage & { session?: { userId: string } } }
  const express: typeof import('express').default;
  const app: import('express').Express;
  const server: import('node:http').Server;
  const gateway: Gateway;
  const options: GatewayOptions;
  const dialect: ChatDialect;
  const createGateway: typeof import('metask-gateway').createGateway;
  const httpProvider: typeof import('metask-gateway').httpProvider;
  const createDashboard: typeof import('metask-gateway/dashboard').createDashboard;
  const toExpressHandler: typeof import('metask-gateway/express').toExpressHandler;
  const fileOutbox: typeof import('metask-gateway/node').fileOutbox;
  const findSession: (cookie: unknown) => Promise<{ userId: string; isStaff: boolean } | undefined>;
  const users: { find(id: string): Promise<{ isPaying: boolean } | undefined> };
  const myKeyStore: () => KeyStore;
  const myMeter: () => Meter;
  const myRateLimiter: () => RateLimiter;
  const toChatCompletion: (json: unknown, call: ChatCall) => ChatCompletion;
  const toChunk: (text: string, call: ChatCall) => ChatCompletionChunk;
  const connectionString: string;
  const redisUrl: string;
  const workerNumber: number;
  const logger: { warn(value: unknown): void };
}
`;

const MODULES = `declare module 'better-sqlite3' { export { default } from 'libsql'; }`;

const typed = snippets
  .filter(({ language }) => language === 'ts')
  .map((snippet, index) => ({ ...snippet, file: join(REPOSITORY, 'test', 'docs', `snippet-${index}.ts`) }));

/** Type errors by file, of all snippets in one program. */
function typeErrors(): Map<string, string[]> {
  const virtual = new Map([
    [join(REPOSITORY, 'test', 'docs', 'surroundings.d.ts'), SURROUNDINGS],
    [join(REPOSITORY, 'test', 'docs', 'modules.d.ts'), MODULES],
    // An ellipsis stands for the options that the snippet is not about.
    ...typed.map(({ file, code }) => [file, `${code.replace(/…(?=,)/g, '...options')}\nexport {};\n`] as const),
  ]);
  const config = ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, REPOSITORY);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => virtual.has(file) || fileExists(file);
  host.readFile = (file) => virtual.get(file) ?? readFile(file);
  host.getSourceFile = (file, language, ...rest) => {
    const text = virtual.get(file);
    return text === undefined ? getSourceFile(file, language, ...rest) : ts.createSourceFile(file, text, language);
  };
  const program = ts.createProgram([...virtual.keys()], { ...options, allowUnusedLabels: false }, host);
  const errors = new Map<string, string[]>();
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    errors.set(file?.fileName ?? '', [...(errors.get(file?.fileName ?? '') ?? []), text]);
  }
  return errors;
}

describe('every TypeScript snippet of the documents is type-checked', () => {
  const errors = typeErrors();

  test('with surroundings that are right themselves', () => {
    const files = new Set(typed.map(({ file }) => file));
    expect([...errors].filter(([file]) => !files.has(file))).toEqual([]);
  });

  test.each(typed)('$document:$line', ({ file }) => {
    expect(errors.get(file)).toBeUndefined();
  });
});

test.each(snippets.filter(({ language }) => language === 'json'))(
  'the JSON of $document:$line is valid',
  ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow();
  },
);

test.each(documents)('every link of %s leads somewhere', (document) => {
  const text = readFileSync(join(REPOSITORY, document), 'utf8').replace(/^```.*?^```$/gms, '');
  const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string);
  const missing = targets.filter(
    (target) => !/^https?:/.test(target) && !existsSync(join(REPOSITORY, dirname(document), target)),
  );
  expect(missing).toEqual([]);
});

describe('the first snippet of the README', () => {
  const first = snippets.find(({ document }) => document === 'README.md');
  const file = join(REPOSITORY, 'examples', `readme-${process.pid}.ts`);
  let child: ChildProcess | undefined;

  afterAll(async () => {
    rmSync(file, { force: true });
    if (!child) return;
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });

  test('has fewer than fifteen lines', () => {
    expect(first?.code.trim().split('\n').length).toBeLessThan(15);
  });

  test('runs, and answers the official client', async () => {
    const upstream = await fakeUpstream();
    const free = await listen(() => {});
    await free.close();
    const port = new URL(free.origin).port;
    const code = first?.code
      .replace('listen(3000)', `listen(${port})`)
      .replace(/apiKey: .*? \}\)/, `apiKey: 'sk-test', baseURL: '${upstream.openai.baseURL}' })`);
    writeFileSync(file, code as string);
    child = spawn(process.execPath, [join(REPOSITORY, 'node_modules/tsx/dist/cli.mjs'), file], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = (await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer];
    const client = clientAt(`http://localhost:${port}/v1`, printed.toString().trim());
    const messages = [{ role: 'user' as const, content: 'Hello!' }];
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages }, { maxRetries: 5 });
    expect(answer.choices[0]?.message.content).toBe('Hello from openai.');
    await upstream.close();
  });
});
