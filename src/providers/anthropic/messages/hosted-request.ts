import type { MessagesBody, MessagesRequest } from '../../../anthropic-api/messages-request.js';
import type { UnsupportedParams } from '../../unsupported-params.js';
import { isObject, type JsonObject } from '../api.js';
import { type MessagesHost, withLastBreakpoint } from '../hosts.js';

/** JSON texts by the name of the field that they replace; undefined leaves the field out. */
export type Edits = Map<string, string | undefined>;

/** Fields of Anthropic's own platform: clouds refuse a request that has them. */
const NOT_HOSTED = ['service_tier', 'diagnostics'];

/** Where breakpoints may stand. */
const WITH_BREAKPOINTS = ['tools', 'system', 'messages'] as const;

/**
 * Adds to the edits of a request what a cloud's form of it differs in. Everything else stays as the client wrote it.
 *
 * Sources: AWS, "Anthropic Claude Messages API"; Anthropic docs, "Claude on Vertex AI", and prompt caching for where automatic
 * caching and cache scopes are available.
 */
export function addHostEdits(
  edits: Edits,
  request: MessagesBody,
  host: MessagesHost,
  betas: readonly string[],
  unsupported: UnsupportedParams,
): void {
  const { outline } = request;
  edits.set('model', undefined);
  edits.set('anthropic_version', JSON.stringify(host.version));
  if (betas.length > 0 && host.betasInBody) edits.set('anthropic_beta', JSON.stringify(betas));
  if (outline.stream !== undefined && !host.streamInBody) edits.set('stream', undefined);
  for (const name of NOT_HOSTED) {
    if (outline[name] === undefined) continue;
    if (edits.has(name)) continue;
    if (outline[name] !== 'auto') unsupported.drop(name);
    edits.set(name, undefined);
  }
  outputFormat(edits, outline);
  breakpoints(edits, request);
}

/** The older name of `output_config.format` needs a beta that clouds do not know. */
function outputFormat(edits: Edits, { output_format: format, output_config: config }: MessagesRequest): void {
  if (format === undefined) return;
  edits.set('output_format', undefined);
  const written = edits.get('output_config');
  const base: unknown = written === undefined ? config : JSON.parse(written);
  edits.set('output_config', JSON.stringify({ format, ...(isObject(base) && base) }));
}

/** Breakpoints without a scope; one for the whole request stands at its last block. */
function breakpoints(edits: Edits, request: MessagesBody): void {
  const { cache_control: whole } = request.outline;
  if (whole === undefined && !mayHaveScope(request)) return;
  const { value } = request;
  const changed: Record<string, unknown> = {};
  for (const name of WITH_BREAKPOINTS) {
    const written = edits.get(name);
    if (edits.has(name) && written === undefined) continue;
    changed[name] = withoutScopes(written === undefined ? value[name] : JSON.parse(written));
  }
  if (whole !== undefined) {
    edits.set('cache_control', undefined);
    const { scope: _, ...mark } = whole;
    changed['messages'] = withLastBreakpoint(changed['messages'] as MessagesRequest['messages'], mark);
  }
  for (const name of WITH_BREAKPOINTS) {
    const text = JSON.stringify(changed[name]);
    if (text !== undefined && text !== JSON.stringify(value[name])) edits.set(name, text);
  }
}

function mayHaveScope(request: MessagesBody): boolean {
  const { bytes } = request;
  if (!bytes) return JSON.stringify(request.value).includes('"scope"');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"scope"');
}

/** The same value without the scopes of breakpoints; what the client gives its own tools stays. */
function withoutScopes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutScopes);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'input' || name === 'input_schema') copy[name] = inner;
    else if (name === 'cache_control' && isObject(inner)) {
      const { scope: _, ...mark } = inner;
      copy[name] = mark;
    } else copy[name] = withoutScopes(inner);
  }
  return copy;
}
