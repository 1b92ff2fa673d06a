import { spawn } from 'node:child_process';
import { type Hello, isPinnable } from '../processes.js';
import { freePort } from './free-port.js';

/** How a peer is started: one process tree in front of one provider. */
export interface PeerCommand {
  readonly program: string;
  /** @param upstream origin and first segment of the provider's path. */
  args(port: number, upstream: string): readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What each request carries. */
  headers(upstream: string): Readonly<Record<string, string>>;
  /** The path that answers once the peer takes requests. */
  readonly ready: string;
  /** Its name for the model of the benchmark. @default the same */
  readonly model?: string;
}

const START_MS = 90_000;

/** Starts a peer on one core and waits until it takes requests. */
export async function startPeer(
  peer: PeerCommand,
  upstream: string,
  core: number,
): Promise<{ readonly pid: number; readonly hello: Hello; stop(): void }> {
  const port = await freePort();
  const command = [peer.program, ...peer.args(port, upstream)];
  const [program = '', ...args] = isPinnable ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(program, args, {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, NODE_ENV: 'production', ...peer.env },
  });
  const pid = child.pid ?? 0;
  const stop = () => {
    process.off('exit', stop);
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  let hasEnded = false;
  child.once('exit', () => (hasEnded = true)).once('error', () => (hasEnded = true));
  process.once('exit', stop);
  const end = performance.now() + START_MS;
  while (!(await answers(port, peer.ready))) {
    if (hasEnded || performance.now() > end) {
      stop();
      throw new Error(hasEnded ? `${peer.program} ended at once` : `${peer.program} did not answer`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const model = peer.model ? { model: peer.model } : {};
  return { pid, hello: { port, headers: peer.headers(upstream), ...model }, stop };
}

async function answers(port: number, path: string): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}${path}`)).status < 500;
  } catch {
    return false;
  }
}
