import type { Case } from './cases.js';
import { type PeerCommand, startPeer } from './peers/peer.js';
import { processTree } from './process-tree.js';
import { bundle, type Hello, Part } from './processes.js';
import type { State, StoreOptions, SubjectOptions, UsedPart } from './subjects/subject.js';

/** What is measured. */
export interface SubjectKind {
  readonly name: string;
  readonly variant: 'floor' | 'node' | 'express' | 'fastify' | 'inside' | 'peer';
  readonly store?: StoreOptions;
  readonly part?: UsedPart;
  /** Of a floor: what it runs on. Unset: node:http alone. */
  readonly framework?: 'express' | 'fastify';
  /** Of a peer. */
  readonly peer?: PeerCommand;
}

/** A running subject. */
export interface Running {
  readonly kind: SubjectKind;
  readonly hello: Hello;
  /** From the start of the process until it listened. */
  readonly startMs: number;
  /** Of one that has no server and is its own load. */
  readonly part?: Part;
  /** CPU and memory so far; `watch` sets the longest pause to zero, `collect` frees what nothing refers to. */
  state(question?: 'watch' | 'collect'): Promise<State>;
  stop(): void;
}

export const FLOOR: SubjectKind = { name: 'floor: node:http + undici', variant: 'floor' };
export const NODE: SubjectKind = { name: 'metask-gateway on node:http', variant: 'node' };
/** Each with what it is compared with: a proxy on the same framework. */
export const FRAMEWORKS: readonly (readonly [floor: SubjectKind, gateway: SubjectKind])[] = [
  [
    { name: 'a bare proxy on Express', variant: 'floor', framework: 'express' },
    { name: 'metask-gateway on Express', variant: 'express' },
  ],
  [
    { name: 'a bare proxy on Fastify', variant: 'floor', framework: 'fastify' },
    { name: 'metask-gateway on Fastify', variant: 'fastify' },
  ],
];

/** Without a server: it is its own load. */
export const INSIDE: SubjectKind = { name: 'metask-gateway inside the process', variant: 'inside' };

export const LOAD_CORE = 0;
export const SUBJECT_CORE = 1;

/** Starts subjects in front of one provider. */
export class Starter {
  readonly #upstream: string;
  readonly #files: Readonly<Record<'floor' | 'gateway' | 'inside', string>>;

  private constructor(upstream: string, files: Readonly<Record<'floor' | 'gateway' | 'inside', string>>) {
    this.#upstream = upstream;
    this.#files = files;
  }

  static async prepare(upstreamPort: number): Promise<Starter> {
    const [floor = '', gateway = '', inside = ''] = await Promise.all(
      ['floor', 'gateway', 'inside'].map((name) => bundle(`subjects/${name}`)),
    );
    return new Starter(`http://127.0.0.1:${upstreamPort}`, { floor, gateway, inside });
  }

  async start(kind: SubjectKind, one: Pick<Case, 'path' | 'model'>): Promise<Running> {
    const started = performance.now();
    if (kind.peer) {
      const { pid, hello, stop } = await startPeer(kind.peer, this.#upstream + one.path, SUBJECT_CORE);
      const state = async () => ({ ...processTree(pid), heapMB: Number.NaN, longestPause: Number.NaN });
      return { kind, hello, startMs: performance.now() - started, state, stop };
    }
    const isFloor = kind.variant === 'floor';
    const options: SubjectOptions = {
      upstream: this.#upstream,
      path: one.path,
      variant: isFloor ? one.model.replace('bench-', '') : kind.variant,
      store: kind.store,
      part: kind.part,
      framework: kind.framework,
    };
    const file = this.#files[isFloor ? 'floor' : kind.variant === 'inside' ? 'inside' : 'gateway'];
    const { part, hello } = await Part.start(file, { args: [JSON.stringify(options)], core: SUBJECT_CORE });
    return {
      kind,
      hello,
      startMs: performance.now() - started,
      ...(kind === INSIDE && { part }),
      state: async (question) => (await part.ask(question ?? 'state')) as State,
      stop: () => part.stop(),
    };
  }
}
