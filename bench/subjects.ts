import type { Case } from './cases.js';
import { freePort, type Portkey, portkeyHeaders } from './portkey.js';
import { bundle, type Hello, Part } from './processes.js';
import type { SubjectOptions } from './subjects/subject.js';

/** What is measured. */
export interface SubjectKind {
  readonly name: string;
  readonly variant: 'floor' | 'node' | 'express' | 'fastify' | 'inside' | 'portkey';
  readonly store?: SubjectOptions['store'];
  readonly postgres?: object;
  /** Of a floor: what it runs on. Unset: node:http alone. */
  readonly framework?: 'express' | 'fastify';
}

/** A running subject. */
export interface Running {
  readonly kind: SubjectKind;
  readonly part: Part;
  readonly hello: Hello;
}

export const FLOOR: SubjectKind = { name: 'floor: node:http + undici', variant: 'floor' };
export const NODE: SubjectKind = { name: 'metask-gateway on node:http', variant: 'node' };
export const FRAMEWORKS: readonly SubjectKind[] = [
  { name: 'metask-gateway on Express', variant: 'express' },
  { name: 'metask-gateway on Fastify', variant: 'fastify' },
];

/** Without a server: it is its own load. */
export const INSIDE: SubjectKind = { name: 'metask-gateway inside the process', variant: 'inside' };

export const LOAD_CORE = 0;
const SUBJECT_CORE = 1;
const START_MS = 20_000;

type Bundles = Readonly<Record<'floor' | 'gateway' | 'inside' | 'portkey-probe', string>>;

/** Starts subjects in front of one provider. */
export class Starter {
  readonly #upstream: string;
  readonly #portkey: Portkey;
  readonly #files: Bundles;
  readonly #defaultFlags: boolean;

  private constructor(upstream: string, portkey: Portkey, files: Bundles, defaultFlags: boolean) {
    this.#upstream = upstream;
    this.#portkey = portkey;
    this.#files = files;
    this.#defaultFlags = defaultFlags;
  }

  /** @param defaultFlags true: what is measured runs as users run it. */
  static async prepare(upstreamPort: number, portkey: Portkey, defaultFlags = false): Promise<Starter> {
    const [floor, gateway, inside, probe] = await Promise.all(
      ['floor', 'gateway', 'inside', 'portkey-probe'].map((name) => bundle(`subjects/${name}`)),
    );
    const files = { floor: floor ?? '', gateway: gateway ?? '', inside: inside ?? '', 'portkey-probe': probe ?? '' };
    return new Starter(`http://127.0.0.1:${upstreamPort}`, portkey, files, defaultFlags);
  }

  async start(kind: SubjectKind, one: Pick<Case, 'path' | 'model'>): Promise<Running> {
    if (kind.variant === 'portkey') return { kind, ...(await this.#startPortkey(one)) };
    const isFloor = kind.variant === 'floor';
    const options: SubjectOptions = {
      upstream: this.#upstream,
      path: one.path,
      variant: isFloor ? one.model.replace('bench-', '') : kind.variant,
      store: kind.store ?? 'memory',
      postgres: kind.postgres,
      framework: kind.framework,
    };
    const args = [JSON.stringify(options)];
    const file = this.#files[isFloor ? 'floor' : kind.variant === 'inside' ? 'inside' : 'gateway'];
    return { kind, ...(await Part.start(file, { args, core: SUBJECT_CORE, defaultFlags: this.#defaultFlags })) };
  }

  async #startPortkey({ path, model }: Pick<Case, 'path' | 'model'>): Promise<{ part: Part; hello: Hello }> {
    if ('missing' in this.#portkey) throw new Error(this.#portkey.missing);
    const port = await freePort();
    const part = Part.launch(this.#portkey.script, {
      args: [`--port=${port}`, '--headless'],
      nodeArgs: ['--import', this.#files['portkey-probe']],
      core: SUBJECT_CORE,
      isQuiet: true,
    });
    await answering(port);
    return { part, hello: { port, headers: portkeyHeaders(model, this.#upstream + path) } };
  }
}

/** Waits until a server answers at all. */
async function answering(port: number): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch (thrown) {
      if (performance.now() > end) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
