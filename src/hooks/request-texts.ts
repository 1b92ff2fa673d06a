/** Where the formats of all routes hold what a model reads. */
const READ = [
  ...['messages', 'input', 'prompt', 'suffix', 'instructions', 'system', 'prediction'],
  ...['contents', 'systemInstruction', 'system_instruction'],
];

/** Fields that hold such texts among settings, under names of their own. */
const DESCRIBING = [
  ...['tools', 'functions', 'response_format', 'text', 'output_config', 'output_format', 'context_management'],
  ...['generationConfig', 'generation_config', 'provider_options'],
];
const DESCRIPTIONS: ReadonlySet<string> = new Set(['description', 'instructions']);

/** Strings beside texts: kinds, names, ids, data and what only a provider reads. */
const NOT_TEXT: ReadonlySet<string> = new Set([
  ...['type', 'role', 'id', 'name', 'status', 'format', 'detail', 'model', 'namespace', 'phase', 'object'],
  ...['tool_call_id', 'tool_use_id', 'call_id', 'item_id', 'file_id', 'encrypted_content', 'encrypted_index'],
  ...['signature', 'thoughtSignature', 'thought_signature', 'data', 'media_type', 'mimeType', 'mime_type'],
  ...['fileUri', 'file_uri', 'file_data', 'url', 'image_url', 'file_url', 'filename'],
  ...['cache_control', 'prompt_cache_breakpoint', 'reasoning_details', 'extra_content'],
]);

/** What calls and results hold under any names at all: arguments of Anthropic's and Gemini's calls, results of Gemini's. */
const FREE: ReadonlySet<string> = new Set(['input', 'args', 'arguments', 'response']);

type Change = (text: string) => string;

/** All text that a model would read, one piece per line. */
export function textOfRequest(body: unknown): string {
  const texts: string[] = [];
  changeTexts(body, (text) => {
    texts.push(text);
    return text;
  });
  return texts.join('\n');
}

/** A copy of a request whose texts are changed; what has no text is shared. */
export function changeTexts(body: unknown, change: Change): Record<string, unknown> {
  const request = isRecord(body) ? body : {};
  const changed: Record<string, unknown> = { ...request };
  for (const name of READ) if (name in request) changed[name] = walk(request[name], change);
  for (const name of DESCRIBING) if (name in request) changed[name] = walkDescriptions(request[name], change);
  return changed;
}

function walk(value: unknown, change: Change): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, change));
  if (!isRecord(value)) return value;
  return mapped(value, (inner, name) => {
    if (FREE.has(name)) return walkAll(inner, change);
    // A plain text that stands where files do.
    if (name === 'data' && value['type'] === 'text') return walk(inner, change);
    return NOT_TEXT.has(name) ? inner : walk(inner, change);
  });
}

/** Every string, whatever its name. */
function walkAll(value: unknown, change: Change): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => walkAll(item, change));
  return isRecord(value) ? mapped(value, (inner) => walkAll(inner, change)) : value;
}

function walkDescriptions(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((item) => walkDescriptions(item, change));
  if (!isRecord(value)) return value;
  return mapped(value, (inner, name) =>
    DESCRIPTIONS.has(name) && typeof inner === 'string' ? change(inner) : walkDescriptions(inner, change),
  );
}

function mapped(value: Record<string, unknown>, map: (inner: unknown, name: string) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, map(inner, name)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
