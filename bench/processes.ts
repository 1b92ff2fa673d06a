import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Inside the repository, so that what is bundled finds the packages it leaves outside. */
const bundles = mkdtempSync(join(here, '..', 'node_modules', '.bench-'));
const isPinnable = process.platform === 'linux' && availableParallelism() > 1;

/** Bundles a script as users would run it: plain JavaScript, packages outside. */
export async function bundle(script: string): Promise<string> {
  const outfile = join(bundles, `${script.replaceAll('/', '-')}.mjs`);
  await build({
    entryPoints: [join(here, `${script}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return outfile;
}

/** A process of the benchmark. */
export class Part {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts a bundled script on one core; the load and the provider share another. */
  static async start(
    file: string,
    args: readonly string[],
    core: number,
  ): Promise<{ part: Part; hello: { port: number; key?: string } }> {
    const profiling = process.env['BENCH_PROFILE']
      ? ['--cpu-prof', `--cpu-prof-dir=${process.env['BENCH_PROFILE']}`]
      : [];
    const nodeArgs = ['--expose-gc', ...profiling];
    const child = fork(file, args, {
      execArgv: nodeArgs,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      ...(isPinnable && {
        execPath: 'taskset',
        execArgv: ['-c', String(core), process.execPath, ...nodeArgs],
      }),
      env: { ...process.env, NODE_ENV: 'production' },
      cwd: tmpdir(),
    });
    const part = new Part(child);
    return { part, hello: (await part.answer()) as { port: number; key?: string } };
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
    this.#child.disconnect();
  }
}
