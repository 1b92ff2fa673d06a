import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endProgram } from '../helpers/child-server.js';

/** What a process has taken since it was last asked. */
export interface Measured {
  /** Bytes that its memory has grown by, at the worst moment. */
  readonly grown: number;
  /** Processor time of its longest turn, of the thread that serves requests. */
  readonly longestTurnMs: number;
}

/** A gateway in a process of its own. */
export interface MeasuredProcess {
  readonly port: number;
  readonly key: string;
  measured(): Promise<Measured>;
  /** Milliseconds of processor time that it takes there to read and to write the largest body once, as JSON. */
  floor(): Promise<number>;
  end(): Promise<void>;
}

/** Starts one. @param origin of its providers. @param plan of its account. @default 'metered' */
export async function measuredProcess(origin: string, plan = 'metered'): Promise<MeasuredProcess> {
  const path = fileURLToPath(new URL('measured-server.ts', import.meta.url));
  const child = fork(path, [origin, plan], { execArgv: ['--import', 'tsx', '--expose-gc'] });
  const { port, key } = await messageOf<{ port: number; key: string }>(child);
  return {
    port,
    key,
    measured: () => asked<Measured>(child, 'measure'),
    floor: () => asked<number>(child, 'floor'),
    end: () => endProgram(child, 'SIGKILL'),
  };
}

function asked<T>(child: ChildProcess, what: string): Promise<T> {
  const answer = messageOf<T>(child);
  child.send(what);
  return answer;
}

function messageOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
}
