import { isObject, type JsonObject } from './api.js';

/**
 * What one request may hold of schemas that are enforced. Source: Anthropic docs, structured outputs, "Schema complexity
 * limits": strict tools, optional parameters and parameters with union types, counted over tools and output together.
 */
const MAX_STRICT_TOOLS = 20;
const MAX_OPTIONAL = 24;
const MAX_UNIONS = 16;

/** Counts schemas against the limits; a tool that no longer fits is not enforced. */
export class StrictLimits {
  #tools = 0;
  #optional = 0;
  #unions = 0;

  /** Counts the schema of the output, which is enforced in any case. @returns false when it alone is too much. */
  addOutput(schema: JsonObject): boolean {
    return this.#add(schema);
  }

  /** @returns false for a tool that must go out without `strict`. */
  addTool(schema: JsonObject): boolean {
    if (this.#tools >= MAX_STRICT_TOOLS || !this.#add(schema)) return false;
    this.#tools += 1;
    return true;
  }

  #add(schema: JsonObject): boolean {
    const { optional, unions, recursive } = complexityOf(schema);
    if (recursive || this.#optional + optional > MAX_OPTIONAL || this.#unions + unions > MAX_UNIONS) return false;
    this.#optional += optional;
    this.#unions += unions;
    return true;
  }
}

/** True for a schema that can be enforced as a request's only one. */
export function isEnforceable(schema: JsonObject): boolean {
  return new StrictLimits().addOutput(schema);
}

interface Complexity {
  readonly optional: number;
  readonly unions: number;
  /** Recursive schemas are not supported. */
  readonly recursive: boolean;
}

function complexityOf(schema: JsonObject): Complexity {
  let optional = 0;
  let unions = 0;
  let recursive = false;
  const open = new Set<string>();

  function visit(value: unknown, depth: number): void {
    if (!isObject(value)) return;
    if (depth > 60) recursive = true;
    if (recursive) return;
    const { $ref: target, properties, required, items, anyOf, oneOf, allOf, type } = value;
    if (typeof target === 'string') visitNamed(target, depth);
    if ([anyOf, oneOf].some(Array.isArray) || (Array.isArray(type) && type.length > 1)) unions += 1;
    if (isObject(properties)) {
      const names = Array.isArray(required) ? required : [];
      for (const [name, property] of Object.entries(properties)) {
        if (!names.includes(name)) optional += 1;
        visit(property, depth + 1);
      }
    }
    visit(items, depth + 1);
    for (const list of [anyOf, oneOf, allOf]) if (Array.isArray(list)) for (const item of list) visit(item, depth + 1);
  }

  function visitNamed(target: string, depth: number): void {
    if (open.has(target)) {
      recursive = true;
      return;
    }
    const [, collection = '', name = ''] = /^#\/(\$defs|definitions)\/(.+)$/.exec(target) ?? [];
    const definitions = schema[collection];
    if (target === '#') recursive = true;
    if (!isObject(definitions)) return;
    open.add(target);
    visit(definitions[name], depth + 1);
    open.delete(target);
  }

  visit(schema, 0);
  return { optional, unions, recursive };
}
