import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Inside the repository, so that what is bundled finds the packages it leaves outside. */
const bundles = mkdtempSync(join(here, '..', 'node_modules', '.bench-'));
/**
 * MB that V8 allows a heap before its first full collection. By default so little that a process with nothing else on
 * its heap collects all of it ten times a second when it reads large bodies, or never, by chance.
 */
const HEAP_START_MB = 64;
/**
 * V8 collects the heap of a process that has become idle, and drops compiled code with it; here each process is idle
 * while the others are measured, and would compile for seconds after it. A server under load is not idle.
 */
const KEEP_CODE = '--no-memory-reducer';
const isPinnable = process.platform === 'linux' && availableParallelism() > 1;

/** Bundles a script as users would run it: plain JavaScript, packages outside. */
export async function bundle(script: string): Promise<string> {
  const name = script.replaceAll('/', '-');
  await build({
    entryPoints: { [name]: join(here, `${script}.ts`) },
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return join(bundles, `${name}.mjs`);
}

/** Where a part listens, and the headers to call it with. */
export interface Hello {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a part is started. */
export interface PartOptions {
  readonly args?: readonly string[];
  /** Node's own options. */
  readonly nodeArgs?: readonly string[];
  /** True: as users run it, without the options that make rounds comparable. @default false */
  readonly defaultFlags?: boolean;
  /** The load and the provider share one core, what is measured has another. */
  readonly core: number;
  /** What it writes to its standard error is dropped. */
  readonly isQuiet?: boolean;
}

/** A process of the benchmark. */
export class Part {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts a script on one core, without waiting for a word of it. */
  static launch(
    file: string,
    { args = [], nodeArgs = [], defaultFlags = false, core, isQuiet = false }: PartOptions,
  ): Part {
    const profile = process.env['BENCH_PROFILE'];
    const flags = defaultFlags ? [] : ['--expose-gc', `--initial-old-space-size=${HEAP_START_MB}`, KEEP_CODE];
    const execArgv = [...flags, ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), ...nodeArgs];
    const child = fork(file, args, {
      stdio: ['ignore', 'ignore', isQuiet ? 'ignore' : 'inherit', 'ipc'],
      ...(isPinnable
        ? { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath, ...execArgv] }
        : { execArgv }),
      env: { ...process.env, NODE_ENV: 'production' },
      cwd: bundles,
    });
    return new Part(child);
  }

  /** Starts a script that says where it listens. */
  static async start(file: string, options: PartOptions): Promise<{ part: Part; hello: Hello }> {
    const part = Part.launch(file, options);
    return { part, hello: (await part.answer()) as Hello };
  }

  answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`a part of the benchmark ended with ${code}`));
      this.#child.once('exit', onExit);
      this.#child.once('message', (message) => {
        this.#child.off('exit', onExit);
        resolve(message);
      });
    });
  }

  async ask(question: unknown): Promise<unknown> {
    const answer = this.answer();
    this.#child.send(question as object);
    return answer;
  }

  stop(): void {
    this.#child.removeAllListeners('exit');
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** Deletes what was bundled and written. */
export function cleanUp(): void {
  rmSync(bundles, { recursive: true, force: true });
}
