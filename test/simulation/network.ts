import type { SeededRandom } from '../../src/testing/seeded-random.js';
import { type VirtualTime, WORLD } from './virtual-time.js';

/** What may happen to a call on its way; `calm` once the world is to come to rest. */
export interface Weather {
  calm: boolean;
  /** The store is out of reach until then. */
  downUntil: number;
}

/** Applies a call that has arrived. */
type Apply = () => Promise<unknown>;

const LOST = 0.01;
const ANSWER_LOST = 0.02;
const LATE = 0.025;
const TWICE = 0.04;

/**
 * The way between a process and its store: calls and answers take time, get lost, come too late, and calls arrive twice,
 * as when a connection breaks and the driver sends again. A call that is under way when its process dies may still arrive.
 */
export class Network {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #weather: Weather;
  /** Stops the world. */
  readonly #onFault: (fault: unknown) => void;

  constructor(time: VirtualTime, random: SeededRandom, weather: Weather, onFault: (fault: unknown) => void) {
    this.#time = time;
    this.#random = random;
    this.#weather = weather;
    this.#onFault = onFault;
  }

  /** The same object behind the network, for one process. `repeatable` names the calls that may arrive twice. */
  proxy<T extends object>(target: T, owner: number, repeatable: ReadonlySet<string>, apply = applyTo(target)): T {
    return new Proxy(target, {
      get: (_, name) => {
        if (typeof name !== 'string' || typeof Reflect.get(target, name) !== 'function')
          return Reflect.get(target, name);
        return (...args: unknown[]) => this.#send(owner, () => apply(name, args), repeatable.has(name));
      },
    });
  }

  #send(owner: number, apply: Apply, repeatable: boolean): Promise<unknown> {
    const time = this.#time;
    const random = this.#random;
    const { calm, downUntil } = this.#weather;
    const luck = calm ? 1 : random.next();
    const there = random.integer(0, 8);
    const back = random.integer(0, 8);
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error('the store is out of reach'));
      if (luck < LOST || time.now < downUntil) {
        time.after(there + back, owner, fail);
        return;
      }
      const arrive = async () => {
        if (time.isDead(owner) && random.next() < 0.5) return;
        const answer = await this.#applied(apply);
        if (luck >= LATE && luck < TWICE && repeatable) await this.#applied(apply);
        const delay = luck >= ANSWER_LOST && luck < LATE ? 20_000 : back;
        time.after(delay, owner, luck < ANSWER_LOST ? fail : () => answer(resolve, reject));
      };
      time.after(there, WORLD, () => void arrive());
    });
  }

  async #applied(apply: Apply): Promise<(resolve: (value: unknown) => void, reject: (fault: unknown) => void) => void> {
    try {
      const value = await apply();
      return (resolve) => resolve(value);
    } catch (fault) {
      this.#onFault(fault);
      return (_, reject) => reject(fault);
    }
  }
}

function applyTo(target: object): (name: string, args: readonly unknown[]) => Promise<unknown> {
  return async (name, args) => (Reflect.get(target, name) as (...args: readonly unknown[]) => unknown)(...args);
}
