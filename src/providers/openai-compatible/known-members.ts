import { type Fields, isFields } from '../openai/fields.js';
import { ANSWER_FIELDS, type MessageContext } from './message-edit.js';

/** What an object may hold: a plain value, JSON of the client's own, or members of an object (or of each in a list). */
type Members = { readonly [name: string]: 'value' | 'json' | Members };

const MARKS: Members = {
  type: 'value',
  cache_control: { type: 'value', ttl: 'value' },
  prompt_cache_breakpoint: { mode: 'value', type: 'value' },
};

/**
 * Parts whose data the hold counts, by type. A part of another type is held at the model's context window, whatever is in it.
 *
 * Sources: the OpenAI API reference, `ChatCompletionRequestMessageContentPart…`; docs.vllm.ai, "Multimodal inputs"; Mistral's API
 * reference, `ThinkChunk`; LiteLLM, "Vision", on `format`.
 */
const PARTS: Readonly<Record<string, Members>> = {
  text: { ...MARKS, text: 'value' },
  refusal: { ...MARKS, refusal: 'value' },
  thinking: { ...MARKS, thinking: { type: 'value', text: 'value' }, signature: 'value', closed: 'value' },
  reasoning: { ...MARKS, reasoning: 'value', text: 'value', signature: 'value' },
  image_url: {
    ...MARKS,
    image_url: { url: 'value', detail: 'value', format: 'value' },
    detail: 'value',
    min_pixels: 'value',
    max_pixels: 'value',
    uuid: 'value',
  },
  video_url: {
    ...MARKS,
    video_url: { url: 'value', format: 'value' },
    fps: 'value',
    min_pixels: 'value',
    max_pixels: 'value',
    uuid: 'value',
  },
  input_audio: { ...MARKS, input_audio: { data: 'value', format: 'value' }, uuid: 'value' },
  file: { ...MARKS, file: { filename: 'value', file_data: 'value', file_id: 'value', format: 'value' } },
};

/** Source: the OpenAI API reference, `ChatCompletionMessageToolCall` and `ChatCompletionMessageCustomToolCall`. */
const CALL: Members = {
  id: 'value',
  type: 'value',
  function: { name: 'value', arguments: 'value' },
  custom: { name: 'value', input: 'value' },
};

/** Tools that run in the client's own code. Source: the OpenAI API reference, `ChatCompletionTool`, `CustomToolChatCompletions`. */
const TOOLS: Readonly<Record<string, Members>> = {
  function: {
    ...MARKS,
    function: {
      name: 'value',
      description: 'value',
      parameters: 'json',
      strict: 'value',
      cache_control: { type: 'value', ttl: 'value' },
    },
  },
  custom: { ...MARKS, custom: { name: 'value', description: 'value', format: 'json' } },
};

/** A part with what is known of its type; what is not is left out and reported. The same object where nothing is. */
export function knownPart(part: Fields, path: string, context: MessageContext): Fields {
  const members = membersOf(PARTS, part);
  return members ? only(part, members, { name: 'messages.content', path }, context) : part;
}

/** The same for a call of an earlier answer. */
export function knownCall(call: Fields, path: string, context: MessageContext): Fields {
  const { facts, learned } = context;
  const isPublished = facts.messageFields !== undefined;
  const back = isPublished || learned.call.size === 0 ? CALL : { ...CALL, ...asJson(learned.call) };
  return only(call, back, { name: 'messages.tool_calls', path }, context);
}

/** The same for the tools of a request; the same list where nothing is left out. */
export function knownTools(tools: unknown, context: MessageContext): unknown {
  if (!Array.isArray(tools)) return tools;
  const known = tools.map((tool: unknown, index) => {
    const members = isFields(tool) ? membersOf(TOOLS, tool) : undefined;
    return isFields(tool) && members ? only(tool, members, { name: 'tools', path: `tools[${index}]` }, context) : tool;
  });
  return known.every((tool, index) => tool === tools[index]) ? tools : known;
}

/** A name that a header can carry: a client may send any. */
export function printable(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : 'unknown';
}

function membersOf(table: Readonly<Record<string, Members>>, { type }: Fields): Members | undefined {
  return typeof type === 'string' && Object.hasOwn(table, type) ? table[type] : undefined;
}

function asJson(names: Iterable<string>): Members {
  return Object.fromEntries([...names].map((name) => [name, 'json' as const]));
}

interface Place {
  /** Without indices, as clients are told. */
  readonly name: string;
  readonly path: string;
}

function only(object: Fields, members: Members, place: Place, context: MessageContext): Fields {
  if (context.everything) return object;
  let kept = object;
  for (const name in object) {
    const value = object[name];
    const known = Object.hasOwn(members, name) ? members[name] : undefined;
    const native =
      known === undefined ? undefined : within(value, known, { ...place, path: `${place.path}.${name}` }, context);
    if (native === value && known !== undefined) continue;
    if (kept === object) kept = { ...object };
    if (native !== undefined) kept[name] = native;
    else {
      delete kept[name];
      report(name, value, place, context);
    }
  }
  return kept;
}

/** Undefined: the value is of no form that is known. */
function within(value: unknown, known: 'value' | 'json' | Members, place: Place, context: MessageContext): unknown {
  if (known === 'json' || typeof value !== 'object' || value === null) return value;
  if (known === 'value') return undefined;
  if (!Array.isArray(value)) return only(value as Fields, known, place, context);
  const items = value.map((item: unknown) => (isFields(item) ? only(item, known, place, context) : item));
  return items.every((item, index) => item === value[index]) ? value : items;
}

/** What other providers' answers hold comes back unasked, and null asks for nothing. */
function report(name: string, value: unknown, { name: holder, path }: Place, { unsupported }: MessageContext): void {
  if (value === null || ANSWER_FIELDS.has(name)) return;
  unsupported.drop(`${holder}.${printable(name)}`, `${path}.${printable(name)}`);
}
