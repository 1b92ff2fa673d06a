import { digest } from '../../lib/digest.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';

/** What Gemini takes as the name of a function. Source: ai.google.dev, API reference, `FunctionDeclaration.name`. */
const VALID = /^[A-Za-z_][\w.:-]{0,63}$/;
/** What the gateway makes of others: a client's own name of this form gets one more, so that no two become the same. */
const PREFIXED = /^_+[\d.:-]/;

/**
 * The name of a function as Gemini takes it: one that does not begin with a letter or underscore gets one in front, and
 * other characters become underscores. The same name always becomes the same.
 */
export function nativeName(name: string): string {
  if (VALID.test(name) && !PREFIXED.test(name)) return name;
  const clean = `_${name.replaceAll(/[^\w.:-]/g, '_')}`;
  const changed = clean.length > 64 || clean.slice(1) !== name;
  return changed ? `${clean.slice(0, 52)}_${digest(name).slice(0, 11)}` : clean;
}

/** The client's own names by the native ones, for the functions of a request whose names were changed. */
export function clientNames(
  { tools, functions }: ChatRequest,
  toNative: (name: string) => string = nativeName,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (name: string) => {
    const native = toNative(name);
    if (native !== name) names.set(native, name);
  };
  for (const tool of tools ?? []) if (tool.type === 'function') add(tool.function.name);
  for (const definition of functions ?? []) add(definition.name);
  return names;
}
