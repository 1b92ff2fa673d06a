import { isObject } from '../lib/is-object.js';
import type { RouteTexts } from './route-texts.js';

const DESCRIPTIONS: ReadonlySet<string> = new Set(['description', 'instructions']);

/** Strings that are not text in any format. */
const OPAQUE = [
  'type',
  'role',
  'id',
  'name',
  'status',
  'format',
  'detail',
  'model',
  'object',
  'url',
  'data',
  'cache_control',
];

/** What calls and results hold under any names at all: arguments of Anthropic's and Gemini's calls, results of Gemini's. */
const FREE: ReadonlySet<string> = new Set(['input', 'args', 'arguments', 'response']);

type Change = (text: string) => string;

/** All text that a model would read, one piece per line. */
export function textOfRequest(body: unknown, format: RouteTexts): string {
  const texts: string[] = [];
  changeTexts(body, format, (text) => {
    texts.push(text);
    return text;
  });
  return texts.join('\n');
}

/** A copy of a request whose texts are changed; what has no text is shared. */
export function changeTexts(body: unknown, format: RouteTexts, change: Change): Record<string, unknown> {
  const request = isObject(body) ? body : {};
  const changed: Record<string, unknown> = { ...request };
  const opaque = new Set([...OPAQUE, ...(format.opaque ?? [])]);
  for (const name of format.read) if (name in request) changed[name] = walk(request[name], opaque, change);
  for (const name of format.describing ?? [])
    if (name in request) changed[name] = walkDescriptions(request[name], change);
  return changed;
}

function walk(value: unknown, opaque: ReadonlySet<string>, change: Change): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, opaque, change));
  if (!isObject(value)) return value;
  return mapped(value, (inner, name) => {
    if (FREE.has(name)) return walkAll(inner, change);
    // A plain text that stands where files do.
    if (name === 'data' && value['type'] === 'text') return walk(inner, opaque, change);
    return opaque.has(name) ? inner : walk(inner, opaque, change);
  });
}

/** Every string, whatever its name. */
function walkAll(value: unknown, change: Change): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => walkAll(item, change));
  return isObject(value) ? mapped(value, (inner) => walkAll(inner, change)) : value;
}

function walkDescriptions(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((item) => walkDescriptions(item, change));
  if (!isObject(value)) return value;
  return mapped(value, (inner, name) =>
    DESCRIPTIONS.has(name) && typeof inner === 'string' ? change(inner) : walkDescriptions(inner, change),
  );
}

function mapped(value: Record<string, unknown>, map: (inner: unknown, name: string) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, map(inner, name)]));
}
