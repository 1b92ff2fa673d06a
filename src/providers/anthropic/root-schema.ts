import { isNoObject } from '../object-schema.js';
import { isObject, type JsonObject } from './api.js';

const MAX_DEPTH = 20;

/**
 * A schema of an object without the combinations that Anthropic refuses at the root ("input_schema does not support
 * oneOf, allOf, or anyOf at the top level"): a reference is replaced by what it names, `allOf` is folded in, the
 * branches of `anyOf` and `oneOf` are united. What the union no longer says, the description does.
 *
 * Source: Anthropic docs, tool use, "Define tools".
 */
export function toRootObject(schema: JsonObject): JsonObject {
  const { allOf, anyOf, oneOf, ...own } = dereferenced(schema, schema, 0);
  let root: JsonObject = own;
  for (const member of branchesOf(allOf, schema)) root = conjoined(root, member);
  for (const branches of [branchesOf(anyOf, schema), branchesOf(oneOf, schema)]) {
    if (branches.length > 0) root = united(root, branches);
  }
  return { ...root, type: 'object', ...(!isObject(root['properties']) && { properties: {} }) };
}

function branchesOf(list: unknown, whole: JsonObject): JsonObject[] {
  if (!Array.isArray(list)) return [];
  const branches = list.filter(isObject).map((branch) => dereferenced(branch, whole, 0));
  return branches.filter((branch) => !isNoObject(branch)).map((branch) => flattened(branch, whole));
}

/** A branch may combine others again. */
function flattened(branch: JsonObject, whole: JsonObject): JsonObject {
  if (!('allOf' in branch || 'anyOf' in branch || 'oneOf' in branch)) return branch;
  const { allOf, anyOf, oneOf, ...own } = branch;
  let flat: JsonObject = own;
  for (const member of plain(allOf, whole)) flat = conjoined(flat, member);
  for (const members of [plain(anyOf, whole), plain(oneOf, whole)])
    if (members.length > 0) flat = united(flat, members);
  return flat;
}

function plain(list: unknown, whole: JsonObject): JsonObject[] {
  if (!Array.isArray(list)) return [];
  const members = list.filter(isObject).map((member) => dereferenced(member, whole, 0));
  return members.map(({ allOf: _, anyOf: __, oneOf: ___, ...rest }) => rest);
}

/** What a local reference names, with the keywords beside it. */
function dereferenced(schema: JsonObject, whole: JsonObject, depth: number): JsonObject {
  const { $ref: target, ...rest } = schema;
  if (typeof target !== 'string') return schema;
  const named = depth < MAX_DEPTH ? at(whole, target) : undefined;
  return named === undefined ? rest : { ...dereferenced(named, whole, depth + 1), ...rest };
}

function at(whole: JsonObject, pointer: string): JsonObject | undefined {
  if (!pointer.startsWith('#')) return undefined;
  let value: unknown = whole;
  for (const step of pointer.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return isObject(value) ? value : undefined;
}

/** Both hold: properties and required fields add up. */
function conjoined(one: JsonObject, other: JsonObject): JsonObject {
  return {
    ...other,
    ...one,
    ...properties([one, other]),
    ...required([...requiredOf(one), ...requiredOf(other)]),
  };
}

/** One of the branches holds: only what all of them require is required. */
function united(root: JsonObject, branches: readonly JsonObject[]): JsonObject {
  const [first = [], ...others] = branches.map(requiredOf);
  const common = first.filter((name) => others.every((names) => names.includes(name)));
  const choices = branches.map((branch) => requiredOf(branch).filter((name) => !common.includes(name)));
  const note = choices.some((names) => names.length > 0)
    ? `Give one of these sets of fields: ${choices.map((names) => names.join(' and ') || 'none').join('; ')}.`
    : undefined;
  const { description } = root;
  const texts = [typeof description === 'string' ? description : undefined, note].filter((text) => text);
  // a branch that is closed must not close out the fields of the others
  const { additionalProperties: _, ...open } = root;
  return {
    ...open,
    ...properties([root, ...branches]),
    ...required([...requiredOf(root), ...common]),
    ...(texts.length > 0 && { description: texts.join(' ') }),
  };
}

function properties(schemas: readonly JsonObject[]): JsonObject {
  const variants = new Map<string, unknown[]>();
  for (const { properties: own } of schemas) {
    for (const [name, schema] of Object.entries(isObject(own) ? own : {})) {
      const known = variants.get(name) ?? [];
      if (!known.some((other) => JSON.stringify(other) === JSON.stringify(schema))) known.push(schema);
      variants.set(name, known);
    }
  }
  if (variants.size === 0) return {};
  const merged = [...variants].map(([name, known]) => [name, known.length === 1 ? known[0] : { anyOf: known }]);
  return { properties: Object.fromEntries(merged) };
}

function requiredOf({ required: names }: JsonObject): string[] {
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : [];
}

function required(names: readonly string[]): JsonObject {
  return names.length > 0 ? { required: [...new Set(names)] } : {};
}
