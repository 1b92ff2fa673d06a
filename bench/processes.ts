import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Inside the repository, so that what is bundled finds the packages it leaves outside. */
const bundles = mkdtempSync(join(here, '..', 'node_modules', '.bench-'));
/** Where processes can be bound to a core. */
export const isPinnable = process.platform === 'linux' && availableParallelism() > 1;

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
  /** Keys that take turns, where there are several. */
  readonly keys?: readonly string[];
  /** Its own name for the model of the benchmark, where it has one. */
  readonly model?: string;
}

/** How a part is started. */
export interface PartOptions {
  readonly args?: readonly string[];
  /** The load and the provider share one core, what is measured has another. @default all cores */
  readonly core?: number;
}

/** A process of the benchmark. */
export class Part {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts a script with Node's default flags, without waiting for a word of it. */
  static launch(file: string, { args = [], core }: PartOptions): Part {
    const profile = process.env['BENCH_PROFILE'];
    const execArgv = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
    const child = fork(file, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      ...(isPinnable && core !== undefined
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

  /** Id of the process. */
  get pid(): number {
    return this.#child.pid ?? 0;
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
