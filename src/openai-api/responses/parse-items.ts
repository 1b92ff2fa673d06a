import {
  anArray,
  anObject,
  aString,
  audioPart,
  type Check,
  fieldChecks,
  missing,
  required,
  textOrTypedParts,
  word,
  wrongType,
  wrongValue,
} from '../field-checks.js';
import { otherPart, refuseOtherForm } from '../other-form.js';

const MAX_ITEMS = 10_000;
const text = aString();

const partChecks = fieldChecks({
  input_text: (part, path) => required(part as Record<string, unknown>, 'text', text, path),
  output_text: (part, path) => required(part as Record<string, unknown>, 'text', text, path),
  refusal: (part, path) => required(part as Record<string, unknown>, 'refusal', text, path),
  input_image: (part, path) => oneSource(part as Record<string, unknown>, ['image_url', 'file_id'], path),
  input_file: (part, path) => oneSource(part as Record<string, unknown>, ['file_data', 'file_url', 'file_id'], path),
  input_audio: audioPart,
});

/** Parts of types that no API has are passed to servers that may know them. */
const content = textOrTypedParts(partChecks, 0, (type, path) => {
  text(type, path);
  const other = otherPart(type, 'responses');
  if (other === undefined) return;
  const own = [...partChecks.keys()].map((name) => `'${name}'`).join(', ');
  throw wrongValue(path, `${other}; supported values here are ${own}`);
});

const listedTools = anArray(0, MAX_ITEMS, (tool, path) => {
  anObject(tool, path);
  required(tool, 'type', text, path);
});

const itemChecks = fieldChecks({
  message: (item, path) => {
    const message = item as Record<string, unknown>;
    refuseOtherForm('message', message, 'content', path, 'responses');
    required(message, 'role', word, path);
    required(message, 'content', content, path);
  },
  function_call: (item, path) => {
    for (const name of ['call_id', 'name', 'arguments']) required(item as Record<string, unknown>, name, text, path);
  },
  function_call_output: (item, path) => {
    required(item as Record<string, unknown>, 'call_id', text, path);
    required(item as Record<string, unknown>, 'output', content, path);
  },
  reasoning: (item, path) => {
    const { summary, encrypted_content: encrypted } = item as Record<string, unknown>;
    if (summary != null) anArray(0, MAX_ITEMS, anObject)(summary, `${path}.summary`);
    if (encrypted != null) text(encrypted, `${path}.encrypted_content`);
  },
  custom_tool_call: (item, path) => {
    for (const name of ['call_id', 'name', 'input']) required(item as Record<string, unknown>, name, text, path);
  },
  custom_tool_call_output: (item, path) => {
    required(item as Record<string, unknown>, 'call_id', text, path);
    required(item as Record<string, unknown>, 'output', content, path);
  },
  additional_tools: (item, path) => required(item as Record<string, unknown>, 'tools', listedTools, path),
  tool_search_output: (item, path) => required(item as Record<string, unknown>, 'tools', listedTools, path),
  item_reference: (item, path) => required(item as Record<string, unknown>, 'id', text, path),
});

/** Checks `input`: a text, or the items of a conversation. */
export const input: Check = (value, path) => {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) throw wrongType(path, 'a string or an array of items');
  anArray(1, MAX_ITEMS, (item, at) => {
    anObject(item, at);
    const type = typeOf(item, at);
    itemChecks.get(type)?.(item, at);
  })(value, path);
};

/** A message may leave its type out, and so may a reference, which then has an id alone. */
function typeOf(item: Record<string, unknown>, path: string): string {
  const { type, role, id } = item;
  if (typeof type === 'string') return type;
  if (type !== undefined && type !== null) throw wrongType(`${path}.type`, 'a string');
  if (role !== undefined) return 'message';
  if (id !== undefined) return 'item_reference';
  throw missing(`${path}.type`);
}

function oneSource(part: Record<string, unknown>, names: readonly string[], path: string): void {
  const given = names.filter((name) => part[name] !== undefined && part[name] !== null);
  const [name] = given;
  if (name === undefined) throw missing(`${path}.${names[0]}`);
  for (const each of given) text(part[each], `${path}.${each}`);
}
