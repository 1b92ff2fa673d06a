import type { Target } from '../../catalog/catalog.js';
import { Cooldown, type CooldownState } from './cooldown.js';
import { RetryBudget } from './retry-budget.js';

/** The health of one target, as `gateway.health()` reports it. */
export interface TargetHealth extends CooldownState {
  /** `provider/model`. */
  readonly target: string;
}

/** Knows the health of all targets, and in which order a request should try its own. */
export class Targets {
  /** One for each configured target, by target id. */
  #cooldowns = new Map<string, Cooldown>();
  /** Includes removed targets, for as long as a request holds them. */
  readonly #of = new WeakMap<Target, Cooldown>();
  readonly #budgets = new Map<string, RetryBudget>();
  readonly #now: () => number;
  readonly #random: () => number;

  #onChange: (target: string, up: boolean) => void = () => {};

  constructor(targets: Iterable<Target>, now: () => number, random: () => number) {
    this.#now = now;
    this.#random = random;
    this.replace(targets);
  }

  /** Calls back when the circuit of a target opens, and when it closes again. */
  watch(onChange: (target: string, up: boolean) => void): void {
    this.#onChange = onChange;
  }

  /** Takes other targets; those that stay keep their health. */
  replace(targets: Iterable<Target>): void {
    const cooldowns = new Map<string, Cooldown>();
    for (const target of targets) {
      const cooldown =
        cooldowns.get(target.id) ??
        this.#cooldowns.get(target.id) ??
        new Cooldown((up) => this.#onChange(target.id, up));
      cooldowns.set(target.id, cooldown);
      this.#of.set(target, cooldown);
      if (!this.#budgets.has(target.provider)) this.#budgets.set(target.provider, new RetryBudget());
    }
    this.#cooldowns = cooldowns;
  }

  cooldown(target: Target): Cooldown {
    const cooldown = this.#of.get(target);
    if (!cooldown) throw new Error(`unknown target ${target.id}`);
    return cooldown;
  }

  budget(target: Target): RetryBudget {
    const budget = this.#budgets.get(target.provider);
    if (!budget) throw new Error(`unknown provider ${target.provider}`);
    return budget;
  }

  /**
   * The order to try targets in: as configured, or by weight where weights are set — by chance, or always the same for
   * the same `stickyKey`. Targets that cool down come last, soonest first, so that the last one is never given up.
   */
  inOrder(targets: readonly Target[], stickyKey: string | undefined, accountId?: string): readonly Target[] {
    if (targets.length === 1) return targets;
    const weighted = targets.some((target) => target.weight !== undefined);
    const ranked = weighted ? rank(targets, stickyKey, this.#random) : targets;
    const now = this.#now();
    const wait = (target: Target) => this.cooldown(target).state(now, accountId).retryInMs;
    const ready = ranked.filter((target) => wait(target) === 0);
    if (ready.length === ranked.length) return ranked;
    const cooling = ranked.filter((target) => wait(target) > 0).sort((a, b) => wait(a) - wait(b));
    return [...ready, ...cooling];
  }

  health(): TargetHealth[] {
    const now = this.#now();
    return [...this.#cooldowns].map(([target, cooldown]) => ({ target, ...cooldown.state(now) }));
  }
}

/** Weighted rendezvous hashing: a target's share is its weight, and adding a target moves only its own share of keys. */
function rank(targets: readonly Target[], stickyKey: string | undefined, random: () => number): Target[] {
  const scored = targets.map((target) => {
    const uniform = stickyKey === undefined ? random() : hashToUnit(`${stickyKey}\n${target.id}`);
    const weight = target.weight ?? 1;
    return {
      target,
      score: weight === 0 ? Number.POSITIVE_INFINITY : -Math.log(Math.max(uniform, Number.EPSILON)) / weight,
    };
  });
  return scored.sort((a, b) => a.score - b.score).map(({ target }) => target);
}

/** FNV-1a with a final mix, as a number in (0, 1]. */
function hashToUnit(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 1) / 2 ** 32;
}
