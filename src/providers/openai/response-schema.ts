import { type Fields, isFields } from './fields.js';

/**
 * Makes a response fit OpenAI's published schema in place, where older answers and servers that copy the API leave fields
 * out; true when something had to change.
 */
export function normalizeResponse(response: Fields): boolean {
  let changed = false;
  if (Array.isArray(response.output)) {
    for (const item of response.output) if (isFields(item)) changed = normalizeItem(item) || changed;
  }
  if (isFields(response.usage)) {
    const { usage } = response;
    changed = fillDetails(usage, 'input_tokens_details', { cached_tokens: 0, cache_write_tokens: 0 }) || changed;
    changed = fillDetails(usage, 'output_tokens_details', { reasoning_tokens: 0 }) || changed;
  } else if (response.usage === null) changed = delete response.usage;
  if (response.user === null) changed = delete response.user;
  return changed;
}

/** The same for one item of the output. */
export function normalizeItem(item: Fields): boolean {
  let changed = false;
  if (item.type === 'message' && Array.isArray(item.content)) {
    for (const part of item.content) if (isFields(part)) changed = normalizePart(part) || changed;
  }
  if (item.type === 'reasoning') changed = fill(item, 'summary', []) || changed;
  return changed;
}

/** The same for one part of a message. */
export function normalizePart(part: Fields): boolean {
  if (part.type !== 'output_text') return false;
  const annotated = fill(part, 'annotations', []);
  return fill(part, 'logprobs', []) || annotated;
}

function fillDetails(usage: Fields, name: string, counts: Readonly<Record<string, number>>): boolean {
  const details = isFields(usage[name]) ? usage[name] : undefined;
  if (!details) {
    usage[name] = { ...counts };
    return true;
  }
  let changed = false;
  for (const [count, value] of Object.entries(counts)) changed = fill(details, count, value) || changed;
  return changed;
}

function fill(fields: Fields, name: string, value: unknown): boolean {
  if (fields[name] !== undefined && fields[name] !== null) return false;
  fields[name] = value;
  return true;
}
