/** Where the calls of one request keep what their adapters have looked up; copied with the call. */
export const LOOK_UPS = Symbol('metask-gateway.lookUps');

/**
 * What adapters found for one request in what they remember of earlier answers. The first look-up counts for the whole request:
 * an answer that comes between its hold and its call, or between two attempts, adds nothing that was not held.
 */
export class LookUps {
  #found: Map<object, Map<string, unknown>> | undefined;

  once<Found>(memory: object, key: string, look: () => Found): Found {
    const all = (this.#found ??= new Map());
    let found = all.get(memory);
    if (!found) all.set(memory, (found = new Map()));
    if (!found.has(key)) found.set(key, look());
    return found.get(key) as Found;
  }
}

/** Looks something up once in a request, and each time in a call that belongs to none. @param memory who remembers it. */
export function lookUpOnce<Found>(call: object, memory: object, key: string, look: () => Found): Found {
  const { [LOOK_UPS]: lookUps } = call as { readonly [LOOK_UPS]?: LookUps };
  return lookUps ? lookUps.once(memory, key, look) : look();
}
