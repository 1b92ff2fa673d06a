import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { fakeUpstream } from '../../src/testing/index.js';
import { REPOSITORY } from '../helpers/built-package.js';
import { eventually } from '../helpers/eventually.js';
import { listen } from '../helpers/listen.js';
import { clientAt } from '../http/shared.js';
import { documents, snippets } from './snippets.js';

/** Whole apps of many files, which test/journeys compiles in a project of their own. */
const APPS = join('docs', 'first-hour', '/');

const typed = snippets
  .filter(({ document, language }) => language === 'ts' && !document.startsWith(APPS))
  .map((snippet, index) => ({ ...snippet, file: join(REPOSITORY, 'test', 'docs', `snippet-${index}.ts`) }));

/** Type errors by file, of all snippets in one program. */
function typeErrors(): Map<string, string[]> {
  const virtual = new Map(typed.map(({ file, code }) => [file, `${code}\nexport {};\n`]));
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

describe('every TypeScript snippet of the documents compiles as pasted, with nothing around it', () => {
  const errors = typeErrors();

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
  const first = snippets.find(({ document, language }) => document === 'README.md' && language === 'ts');
  const file = join(REPOSITORY, 'examples', `readme-${process.pid}.ts`);
  let child: ChildProcess | undefined;

  afterAll(async () => {
    rmSync(file, { force: true });
    if (!child) return;
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });

  test('has at most fifteen lines, and a dashboard', () => {
    expect(first?.code.trim().split('\n').length).toBeLessThanOrEqual(15);
    expect(first?.code).toContain('createDashboard');
  });

  test('runs, and answers the official client with a key of its dashboard', async () => {
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
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const origin = `http://localhost:${port}`;
    const isUp = () =>
      fetch(origin).then(
        () => true,
        () => false,
      );
    await eventually(isUp, 25_000);
    const created = await fetch(`${origin}/dashboard/api/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ name: 'laptop' }),
    });
    const { key } = (await created.json()) as { key: string };
    const client = clientAt(`${origin}/v1`, key);
    const messages = [{ role: 'user' as const, content: 'Hello!' }];
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages }, { maxRetries: 5 });
    expect(answer.choices[0]?.message.content).toBe('Hello from openai.');
    await upstream.close();
  });
});
