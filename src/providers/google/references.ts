type Schema = Readonly<Record<string, unknown>>;

/** How often a definition may stand inside itself before it is any value. */
const MAX_DEPTH = 60;

/** The only references that Gemini follows. */
const DEFINED = /^#\/\$defs\/([^/]+)$/;

/**
 * A schema with no references but to definitions at its root, which are all that Gemini follows ("reference to
 * undefined schema"): other pointers are replaced by what they name, definitions inside are hoisted, a reference at the
 * root is replaced so that the root is an object, and what names nothing is any value with a note.
 *
 * Source: ai.google.dev, API reference, `responseJsonSchema`: `$ref`, `$defs`.
 */
export function withRootReferences(root: Schema): Schema {
  if (!JSON.stringify(root).includes('"$ref"')) return root;
  return new References(root).resolved();
}

class References {
  readonly #root: Schema;
  /** What the root defines, and what was hoisted to it, by name. */
  readonly #definitions = new Map<string, unknown>();
  readonly #names = new Map<string, string>();

  constructor(root: Schema) {
    this.#root = root;
  }

  resolved(): Schema {
    const { $defs, definitions, ...own } = this.#root;
    const schema = this.#isRef(own) ? this.#inlined(own, []) : (this.#resolve(own, []) as Schema);
    const named = Object.fromEntries(this.#definitions);
    return Object.keys(named).length > 0 ? { ...schema, $defs: named } : schema;
  }

  #isRef(schema: Schema): boolean {
    return typeof schema.$ref === 'string';
  }

  /** @param open the pointers whose schemas this one stands in. */
  #resolve(value: unknown, open: readonly string[]): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item, open));
    if (!isSchema(value)) return value;
    if (this.#isRef(value)) return this.#reference(value, open);
    const result: Record<string, unknown> = {};
    for (const [keyword, inner] of Object.entries(value)) {
      // definitions are fetched when they are named
      if (keyword === '$defs' || keyword === 'definitions') continue;
      if (keyword === 'allOf' && Array.isArray(inner))
        result[keyword] = inner.map((member) => this.#member(member, open));
      else result[keyword] = LITERAL.has(keyword) ? inner : this.#resolve(inner, open);
    }
    return result;
  }

  /** Members of `allOf` are folded into what they stand in, so that each must be there itself. */
  #member(member: unknown, open: readonly string[]): unknown {
    return isSchema(member) && this.#isRef(member) ? this.#inlined(member, open) : this.#resolve(member, open);
  }

  #reference(schema: Schema, open: readonly string[]): unknown {
    const pointer = String(schema.$ref);
    const { $ref: _, $defs: __, definitions: ___, ...siblings } = schema;
    const target = this.#target(pointer);
    if (target === undefined) return noted(siblings, `Refers to ${pointer}, which is not defined.`);
    const name = this.#nameOf(pointer, target);
    if (name === undefined) {
      if (open.includes(pointer) || open.length > MAX_DEPTH) return noted(siblings, 'The same structure again.');
      return this.#inlined(schema, open);
    }
    // nothing may stand beside a reference, so a description needs the definition itself
    if (Object.keys(siblings).length > 0 && !open.includes(pointer)) return this.#inlined(schema, open);
    return { $ref: `#/$defs/${name}` };
  }

  /** What is named, with the keywords beside the reference. */
  #inlined(schema: Schema, open: readonly string[]): Schema {
    const pointer = String(schema.$ref);
    const { $ref: _, $defs: __, definitions: ___, ...siblings } = schema;
    const target = this.#target(pointer);
    if (!isSchema(target) || open.includes(pointer)) return noted(siblings, `Refers to ${pointer}.`);
    return { ...(this.#resolve(target, [...open, pointer]) as Schema), ...(this.#resolve(siblings, open) as Schema) };
  }

  /** The name under which a definition stands at the root; undefined for anything else. */
  #nameOf(pointer: string, target: unknown): string | undefined {
    const known = this.#names.get(pointer);
    if (known !== undefined) return known;
    const [, local, nested] =
      /^#\/(?:\$defs|definitions)\/([^/]+)$|(?:\$defs|definitions)\/([^/]+)$/.exec(pointer) ?? [];
    const wanted = local ?? nested;
    if (wanted === undefined) return undefined;
    let name = wanted.replaceAll(/[^\w.-]/g, '_');
    for (let n = 2; this.#definitions.has(name); n++) name = `${wanted}_${n}`;
    this.#names.set(pointer, name);
    this.#definitions.set(name, {});
    this.#definitions.set(name, this.#resolve(target, [pointer]));
    return name;
  }

  #target(pointer: string): unknown {
    const [, defined] = DEFINED.exec(pointer) ?? [];
    return at(this.#root, pointer) ?? (defined === undefined ? undefined : nestedDefinition(this.#root, defined, 0));
  }
}

/** Keywords whose values are not schemas. */
const LITERAL: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'example', 'required']);

function at(root: unknown, pointer: string): unknown {
  if (pointer === '#') return root;
  if (!pointer.startsWith('#/')) return undefined;
  let value = root;
  for (const step of pointer.slice(2).split('/')) {
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Schema)[key];
  }
  return value;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** Some generators define next to the property and refer as if it were at the root. */
function nestedDefinition(value: unknown, name: string, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined;
  for (const collection of ['$defs', 'definitions']) {
    const definitions = (value as Schema)[collection];
    if (isSchema(definitions) && Object.hasOwn(definitions, name)) return definitions[name];
  }
  for (const inner of Object.values(value)) {
    const found = nestedDefinition(inner, name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function noted(siblings: Schema, note: string): Schema {
  const { description } = siblings;
  return { ...siblings, description: typeof description === 'string' ? `${description} ${note}` : note };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
