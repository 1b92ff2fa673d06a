/** Where the formats of all routes hold what a model reads. */
const READ = ['messages', 'input', 'prompt', 'suffix', 'instructions', 'system', 'contents', 'systemInstruction'];

/** Strings beside texts: kinds, names, ids, data and what only a provider reads. */
const NOT_TEXT: ReadonlySet<string> = new Set([
  ...['type', 'role', 'id', 'name', 'status', 'format', 'detail', 'model', 'namespace', 'phase', 'object'],
  ...['tool_call_id', 'tool_use_id', 'call_id', 'item_id', 'file_id', 'encrypted_content', 'signature', 'data'],
  ...[
    'media_type',
    'mimeType',
    'mime_type',
    'fileUri',
    'file_data',
    'url',
    'image_url',
    'file_url',
    'thoughtSignature',
  ],
  ...['cache_control', 'prompt_cache_breakpoint', 'reasoning_details', 'extra_content', 'filename'],
]);

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
export function changeTexts(body: unknown, change: (text: string) => string): Record<string, unknown> {
  const request = isRecord(body) ? body : {};
  const changed: Record<string, unknown> = { ...request };
  for (const name of READ) if (name in request) changed[name] = walk(request[name], change);
  return changed;
}

function walk(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return value.startsWith('data:') ? value : change(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, NOT_TEXT.has(name) ? inner : walk(inner, change)]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
