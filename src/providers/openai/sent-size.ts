import { parseDataUrl } from '../../media/base64.js';
import type { ImageSize } from '../../media/image-size.js';
import type { MediaRules } from '../media-size.js';
import { SentSizer, type Visitor } from '../sizer.js';
import { type Fields, isFields } from './fields.js';

/** How a family of models counts an image: a base and a price per tile of 512 pixels, or patches of 32 pixels. */
type ImageRule = { readonly base: number; readonly tile: number } | { readonly factor: number; readonly most: number };

/** Source: OpenAI's guide to images and vision, calculating costs. The first pattern that fits counts. */
const IMAGE_RULES: readonly (readonly [RegExp, ImageRule])[] = [
  [/4o-mini/, { base: 2_833, tile: 5_667 }],
  [/4\.1-mini|gpt-5-mini/, { factor: 1.62, most: 1_536 }],
  [/4\.1-nano|gpt-5-nano/, { factor: 2.46, most: 1_536 }],
  [/o4-mini/, { factor: 1.72, most: 1_536 }],
  [/gpt-4|chatgpt-4/, { base: 85, tile: 170 }],
  [/\bo[13]\b/, { base: 75, tile: 150 }],
  [/gpt-5(?:-chat|-codex|-pro)?(?:-20\d\d.*|-latest)?$/, { base: 70, tile: 140 }],
  [/computer-use/, { base: 65, tile: 129 }],
];
/** The rule with the most tokens: of a model that is not known by its name. */
const MOST_EXPENSIVE: ImageRule = { base: 2_833, tile: 5_667 };
/** Newer models see images in full resolution. */
const NEWEST: ImageRule = { factor: 2.46, most: 10_000 };

function imageTokens(rule: ImageRule, size: ImageSize | undefined, detail: string | undefined): number {
  if ('factor' in rule) {
    const patches = size ? Math.ceil(size.width / 32) * Math.ceil(size.height / 32) : rule.most;
    return Math.ceil(Math.min(patches, rule.most) * rule.factor);
  }
  if (detail === 'low') return rule.base;
  return rule.base + (size ? tilesOf(size) : 8) * rule.tile;
}

/** Fitted into 2,048 pixels, then scaled until the shorter side has 768. */
function tilesOf({ width, height }: ImageSize): number {
  const fit = Math.min(1, 2_048 / Math.max(width, height));
  const scale = (fit * 768) / (fit * Math.min(width, height));
  const sides = [width, height].map((side) => Math.min(2_048, Math.ceil(side * scale)));
  return sides.reduce((tiles, side) => tiles * Math.ceil(side / 512), 1);
}

/** Whose models they are: OpenAI's, OpenAI's under names of the operator's choice (Azure), or anybody's. */
export type ModelNames = 'openai' | 'deployments' | 'any';

function rulesOf(model: string, names: ModelNames): MediaRules {
  const known = IMAGE_RULES.find(([pattern]) => pattern.test(model))?.[1];
  if (known) return openaiRules(known);
  if (names === 'any') return ANY_MODEL;
  return openaiRules(names === 'openai' ? NEWEST : MOST_EXPENSIVE);
}

function openaiRules(rule: ImageRule): MediaRules {
  const page: ImageSize = { width: 1_200, height: 1_700 };
  return {
    image: (size, detail) => imageTokens(rule, size, detail),
    pdfPage: imageTokens(rule, page, 'high'),
    audioSecond: 20,
    videoSecond: 1_000,
  };
}

/** Servers of any model: patches of 14 pixels are the smallest in use, and some models fill a fixed number of tiles. */
const ANY_MODEL: MediaRules = {
  image: (size) => size && 4_000 + Math.ceil((size.width * size.height) / (14 * 14)),
  pdfPage: 10_000,
  audioSecond: 100,
  videoSecond: 2_000,
};

/** Tools that run in the client's own code. */
const CLIENT_TOOLS = new Set([
  'function',
  'custom',
  'namespace',
  'tool_search',
  'local_shell',
  'apply_patch',
  'shell',
  'computer',
  'computer_use_preview',
]);

/**
 * The size of a request in OpenAI's format: chat, completions, embeddings or responses.
 *
 * @param names whose models they are. Default: anybody's.
 */
export function openaiSize(body: Readonly<Fields>, model: string, names: ModelNames = 'any'): SentSizer {
  const sizer = new SentSizer(rulesOf(model, names), visit);
  sizer.walk(body, '');
  unknownParts(body['messages'], 'messages', sizer);
  unknownParts([body['prediction']], 'prediction', sizer);
  if (names === 'any') unknownMembers(body['input'], sizer);
  for (const name of ['previous_response_id', 'conversation', 'prompt_embeds'])
    if (body[name] != null) sizer.remote(name);
  if (isFields(body['prompt'])) sizer.remote('prompt');
  sizer.predictedTokens = predictedTokens(body);
  for (const name of ['web_search_options', 'search_parameters', 'plugins']) if (body[name] != null) sizer.tool(1);
  // Azure reads documents of its own before it answers. Source: Microsoft Learn, "Azure OpenAI On Your Data".
  if (body['data_sources'] != null) sizer.tool(undefined);
  // Nobody reads the field of a chat request.
  const maxCalls = body['messages'] == null ? body['max_tool_calls'] : undefined;
  for (const tool of toolsOf(body)) if (!runsAtClient(tool)) sizer.tool(maxCalls);
  unknownItems(body['input'], sizer);
  return sizer;
}

function runsAtClient({ type, environment }: Readonly<Fields>): boolean {
  if (type === 'shell' && isFields(environment) && environment['type'] !== 'local') return false;
  return CLIENT_TOOLS.has(String(type));
}

/** The tools of a request, those in namespaces and those that items of its input bring along included. */
function toolsOf({ tools, input }: Readonly<Fields>): Fields[] {
  const items = Array.isArray(input) ? input.filter(isFields) : [];
  // A list that an earlier answer brought is there to be read: nothing of it runs.
  const lists = [tools, ...items.filter(({ type }) => type !== 'mcp_list_tools').map((item) => item['tools'])];
  return lists.flatMap((list) => (Array.isArray(list) ? list.filter(isFields).flatMap(namespaced) : []));
}

function namespaced(tool: Fields): Fields[] {
  const { type, tools } = tool;
  return type === 'namespace' && Array.isArray(tools) ? [tool, ...tools.filter(isFields)] : [tool];
}

/** Items of a response's input that are counted by what is in them. Source: the OpenAI API reference, `InputItem`. */
const KNOWN_ITEMS: ReadonlySet<unknown> = new Set([
  ...[undefined, null, 'message', 'reasoning', 'item_reference', 'additional_tools'],
  ...['function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output'],
  ...['tool_search_call', 'tool_search_output', 'apply_patch_call', 'apply_patch_call_output'],
  ...['local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output'],
  ...['computer_call', 'computer_call_output', 'code_interpreter_call', 'image_generation_call'],
  ...['file_search_call', 'web_search_call', 'mcp_call', 'mcp_list_tools', 'mcp_approval_request'],
  ...['mcp_approval_response', 'program', 'program_output', 'compaction', 'compaction_summary', 'context_compaction'],
]);

/** What an item of another type makes OpenAI read is known to OpenAI alone; a compaction reads the conversation once more. */
function unknownItems(input: unknown, sizer: SentSizer): void {
  if (!Array.isArray(input)) return;
  for (const [index, item] of input.entries()) {
    if (!isFields(item) || KNOWN_ITEMS.has(item['type'])) continue;
    if (item['type'] === 'compaction_trigger') sizer.tool(1);
    else sizer.remote(`input[${index}]`);
  }
}

/**
 * Words of a prediction that an answer does not use are billed as output in addition to it. Source: OpenAI's guide to predicted
 * outputs; the API reference, `CompletionUsage`.
 */
function predictedTokens({ prediction, n }: Readonly<Fields>): number {
  if (!isFields(prediction)) return 0;
  return Buffer.byteLength(JSON.stringify(prediction)) * (typeof n === 'number' && n > 1 ? n : 1);
}

/** Parts whose data counts by what it is. */
const KNOWN_PARTS: ReadonlySet<unknown> = new Set([
  ...['text', 'refusal', 'thinking', 'reasoning', 'image_url', 'video_url', 'input_audio', 'file'],
]);

/** What a part of another type makes a server read is known to that server alone. */
function unknownParts(messages: unknown, path: string, sizer: SentSizer): void {
  if (!Array.isArray(messages)) return;
  for (const [index, message] of messages.entries()) {
    const content = isFields(message) ? message['content'] : undefined;
    if (!Array.isArray(content)) continue;
    const odd = content.findIndex((part) => isFields(part) && !KNOWN_PARTS.has(part['type']));
    if (odd >= 0) sizer.remote(`${path}[${index}].content[${odd}]`);
  }
}

/** Members of a text item and of its parts that hold more than a value. */
const ITEM_LISTS: ReadonlySet<string> = new Set(['content', 'output', 'summary', 'annotations', 'logprobs']);

/** The same of other items that agents send back. Source: the OpenAI API reference, `InputItem`. */
const OWN_MEMBERS: Readonly<Record<string, string>> = {
  local_shell_call: 'action',
  shell_call: 'action',
  computer_call: 'action',
  apply_patch_call: 'operation',
  tool_search_call: 'arguments',
  tool_search_output: 'tools',
  additional_tools: 'tools',
};

/** What a server that takes everything makes of another member of a response's input is known to it alone. */
function unknownMembers(input: unknown, sizer: SentSizer): void {
  if (!Array.isArray(input)) return;
  for (const [index, item] of input.entries()) {
    if (!isFields(item)) continue;
    const own = OWN_MEMBERS[String(item['type'])];
    for (const name in item) if (name !== own && holdsMore(item, name)) sizer.remote(`input[${index}].${name}`);
    for (const list of [item['content'], item['output'], item['summary']]) {
      if (!Array.isArray(list)) continue;
      for (const part of list.filter(isFields))
        for (const name in part) if (holdsMore(part, name)) sizer.remote(`input[${index}].${name}`);
    }
  }
}

function holdsMore(holder: Readonly<Fields>, name: string): boolean {
  const value = holder[name];
  return typeof value === 'object' && value !== null && !ITEM_LISTS.has(name) && !isSound(name, value);
}

function isSound(name: string, value: object): boolean {
  return name === 'input_audio' && 'data' in value;
}

/** Fields that name something the provider has or fetches, wherever they stand. */
const REMOTE = ['file_url', 'file_id', 'audio_url', 'document_url'];
/** The path of an item of a response's input. */
const ITEM = /^input\[\d+\]$/;
const NONE: readonly string[] = [];

const visit: Visitor = (object, sizer, path) => {
  for (const name of REMOTE) if (object[name] != null) sizer.remote(`${path}.${name}`);
  // An earlier answer in sound, by its id.
  if (isFields(object['audio']) && 'id' in object['audio'] && object['role'] === 'assistant')
    sizer.remote(`${path}.audio`);
  const data: string[] = [];
  // An image that an earlier answer made, and one that a program of an earlier answer drew.
  if (ITEM.test(path) && object['type'] === 'image_generation_call' && typeof object['result'] === 'string') {
    sizer.inline('image/png', object['result'], `${path}.result`);
    data.push('result');
  }
  if (object['type'] === 'image' && object['url'] != null) data.push(...url(object, 'url', sizer, path));
  for (const name of ['image_url', 'video_url']) if (object[name] != null) data.push(...url(object, name, sizer, path));
  if (typeof object['file_data'] === 'string') {
    inline(object['file_data'], sizer, `${path}.file_data`);
    data.push('file_data');
  }
  const sound = object['input_audio'];
  if (typeof sound === 'string') {
    inline(sound, sizer, `${path}.input_audio`);
    data.push('input_audio');
  }
  if (isFields(sound) && typeof sound['data'] === 'string') {
    sizer.inline(`audio/${String(sound['format'])}`, sound['data'], `${path}.input_audio`);
    sizer.walk({ ...sound, data: '' }, `${path}.input_audio`);
    data.push('input_audio');
  }
  return data.length > 0 ? data : NONE;
};

/** An image or a video, by a URL or as `{ url, detail }`. */
function url(part: Readonly<Fields>, name: string, sizer: SentSizer, path: string): string[] {
  const holder = part[name];
  const { url: text, detail } = isFields(holder) ? holder : { url: holder, detail: part['detail'] };
  if (typeof text !== 'string') return [];
  const wanted: { detail?: string } = typeof detail === 'string' ? { detail } : {};
  const parsed = parseDataUrl(text);
  if (parsed) sizer.inline(parsed.mediaType || 'image/png', parsed.base64, `${path}.${name}`, wanted);
  else sizer.remoteImage(`${path}.${name}`, wanted.detail);
  // What else is in the holder is text.
  if (isFields(holder)) sizer.walk({ ...holder, url: '' }, `${path}.${name}`);
  return [name];
}

/** An address, or the id of a file, which providers of the AI SDK take in place of data. Base64 of some file may begin so, too. */
const REFERENCE = /^\s*(?:[a-z][a-z0-9+.-]*:\/\/|file[-_])/i;

function inline(text: string, sizer: SentSizer, path: string): void {
  const parsed = parseDataUrl(text);
  if (parsed) sizer.inline(parsed.mediaType, parsed.base64, path);
  else if (REFERENCE.test(text)) sizer.remote(path);
  else sizer.inline('', text, path);
}
