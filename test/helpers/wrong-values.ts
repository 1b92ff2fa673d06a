import { expect } from 'vitest';
import type { FakedGateway } from './test-gateway.js';

/** Values of every type, of which each field takes a few at most: nothing, null, numbers, texts, lists, objects. */
export const WRONG: readonly unknown[] = [
  ...[undefined, null, true, 5, -1, 1.5, 1e308, 2 ** 60, '', 'zzz', '\ud800'],
  ...[[], [null], [5], ['zzz'], {}, { zzz: 1 }],
];

/** Where a value stands in another. */
type Path = readonly (string | number)[];

/** The paths of all values in a value. */
function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    return [path, ...pathsIn(inner, path)];
  });
}

/** A copy with another value at a path; undefined leaves it out. */
function withValue(body: object, path: Path, value: unknown): object {
  const copy = JSON.parse(JSON.stringify(body)) as object;
  let holder = copy as Record<string | number, unknown>;
  for (const name of path.slice(0, -1)) holder = holder[name] as typeof holder;
  holder[path.at(-1) as string] = value;
  return copy;
}

/** A value with one of its values replaced. */
export interface WrongBody {
  /** Where the value stands. */
  readonly path: Path;
  readonly value: unknown;
  readonly body: object;
}

/** Every copy of a body in which one value is a wrong one. */
export function* wrongBodies(body: object): Generator<WrongBody> {
  for (const path of pathsIn(body)) {
    for (const value of WRONG) yield { path, value, body: withValue(body, path, value) };
  }
}

/** What a request was answered. */
export interface Asked {
  readonly status: number;
  readonly text: string;
  /** Whether a provider was sent anything for it. */
  readonly wasSent: boolean;
}

/** Asks a gateway in front of fakes; `MODEL` in a route and in a body stands for the model. */
export async function askFaked(
  { gateway, upstream, key }: Pick<FakedGateway, 'gateway' | 'upstream' | 'key'>,
  route: string,
  model: string,
  body: object,
): Promise<Asked> {
  const before = upstream.requests.length;
  const response = await gateway.fetch(
    new Request(`http://gateway/${route.replace('MODEL', model)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(body).replace('"MODEL"', JSON.stringify(model)),
    }),
  );
  const text = await response.text();
  return { status: response.status, text, wasSent: upstream.requests.length > before };
}

/**
 * Holds that every wrong value of a body is refused by the name of its field before anything is sent, or means what is left.
 *
 * @param rules.isPassedOver paths that are not held to it.
 * @param rules.saysItself true for a refusal in words of the provider's package, which names no field.
 */
export async function expectRefusedByName(
  ask: (body: object) => Promise<Asked>,
  body: object,
  rules: { isPassedOver?(path: Path): boolean; saysItself?(text: string): boolean } = {},
): Promise<void> {
  for (const { path, value, body: wrong } of wrongBodies(body)) {
    if (rules.isPassedOver?.(path)) continue;
    const { status, text, wasSent } = await ask(wrong);
    const said = `${path.join('.')} = ${JSON.stringify(value)}: ${text}`;
    // An unknown model is not found.
    expect([200, 400, 404], said).toContain(status);
    if (status !== 400) continue;
    expect(wasSent, said).toBe(false);
    if (!rules.saysItself?.(text)) expect(text, said).toContain(String(path[0]));
  }
}
