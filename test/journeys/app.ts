import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { snippets } from '../docs/snippets.js';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';
import { eventually } from '../helpers/eventually.js';

const START_MS = 120_000;
const STRICT = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  },
};

/** A new app in a folder of its own, made of a page of docs/first-hour: its first lines of shell, then its files. */
export interface App {
  readonly folder: string;
  read(file: string): string;
  write(file: string, text: string): void;
  /** Runs a program to its end; rejects with its output when it fails. */
  run(program: string, args: readonly string[], env?: Env): Promise<string>;
  /** Starts a program, and waits until something answers at `url`. */
  start(program: string, args: readonly string[], env: Env, url: string): Promise<Started>;
  remove(): Promise<void>;
}

/** A program that runs until it is stopped. */
export interface Started {
  readonly child: ChildProcess;
  /** What it has printed. */
  output(): string;
  /** Ends it as a deploy does. Answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export type Env = Readonly<Record<string, string>>;

/**
 * Installs the packed package and everything else that a page names, and writes the files of the page.
 *
 * @param options.path where `node` and `npm` are looked for first. @default the PATH of this process
 */
export async function appOf(page: string, options: { readonly path?: string } = {}): Promise<App> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-journey-'));
  const running: Started[] = [];
  const { VITEST, NODE_ENV, NODE_OPTIONS, OPENAI_API_KEY, ...inherited } = process.env;
  const PATH = [options.path, inherited['PATH']].filter(Boolean).join(':');
  const environment = (more: Env = {}) =>
    ({ ...inherited, NEXT_TELEMETRY_DISABLED: '1', PATH, ...more }) as NodeJS.ProcessEnv;

  const app: App = {
    folder,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    async run(program, args, env) {
      try {
        const settings = { cwd: folder, env: environment(env), maxBuffer: 1e8 };
        return (await promisify(execFile)(program, args, settings)).stdout;
      } catch (thrown) {
        const { stdout, stderr } = thrown as { stdout: string; stderr: string };
        throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: thrown });
      }
    },
    async start(program, args, env, url) {
      const started = spawned(spawn(program, args, { cwd: folder, env: environment(env), detached: true }));
      running.push(started);
      const isUp = () =>
        fetch(url).then(
          ({ status }) => status < 500,
          () => false,
        );
      await eventually(async () => {
        if (started.child.exitCode !== null) throw new Error(`${program} ended:\n${started.output()}`);
        return isUp();
      }, START_MS);
      return started;
    },
    async remove() {
      await Promise.all(running.map((each) => each.stop('SIGKILL')));
      rmSync(folder, { recursive: true, force: true });
    },
  };

  await buildPackage();
  await install(app, page);
  for (const { path, code } of filesOf(page)) app.write(path, code);
  app.write('tsconfig.json', JSON.stringify(STRICT));
  return app;
}

/** The files of a page: blocks of code that begin with their path. */
function filesOf(page: string): { path: string; code: string }[] {
  return snippets.flatMap(({ document, code }) => {
    const path = document === page ? /^\/\/ (\S+\.tsx?)\n/.exec(code)?.[1] : undefined;
    return path === undefined ? [] : [{ path, code }];
  });
}

/** Does what the page's first lines say in a new package, with the tarball in place of the published one. */
async function install(app: App, page: string): Promise<void> {
  await app.run('npm', ['init', '-y']);
  const pack = ['pack', REPOSITORY, '--ignore-scripts', '--json', '--pack-destination', app.folder];
  const packed: unknown = JSON.parse(await app.run('npm', pack));
  const [{ filename }] = (Array.isArray(packed) ? packed : Object.values(packed as object)) as [{ filename: string }];
  const shell = snippets.find(({ document, language }) => document === page && language === 'sh');
  for (const line of shell?.code.trim().split('\n') ?? []) {
    const words = line.split(' ').slice(1);
    const wanted = words.map((word) => (word === 'metask-gateway' ? `./${filename}` : word));
    await app.run('npm', [...wanted, '--prefer-offline', '--no-audit', '--no-fund']);
  }
}

function spawned(child: ChildProcess): Started {
  let output = '';
  const keep = (piece: Buffer) => {
    output += String(piece);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return {
    child,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        // The whole group: `next dev` works in a process of its own.
        process.kill(-(child.pid as number), signal);
        await ended;
      }
      return child.exitCode;
    },
  };
}
