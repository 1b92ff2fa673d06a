import { isObject, type JsonObject, type MessagesRequest } from './api.js';

/** A cloud that hosts Claude with Anthropic's own bodies: how its URLs and bodies differ from Anthropic's. */
export interface MessagesHost {
  /** The `anthropic_version` of the body; the model is in the URL. */
  readonly version: string;
  /** The path of a request, which the host's `toUrl` completes. */
  path(stream: boolean): string;
  /** False where the URL alone says that an answer is streamed. */
  readonly streamInBody: boolean;
  /** True where betas stand in the body and not in a header. */
  readonly betasInBody: boolean;
  /** A client's beta by the host's own name for it; undefined where the host refuses it. */
  beta(name: string, model: string): string | undefined;
  readonly count: HostedCount;
}

/** How a host counts the input tokens of a request. */
export interface HostedCount {
  readonly path: string;
  /** The model as the body of the count names it; undefined: the URL names it, and the body to count is a whole request. */
  model?(model: string): string;
  /** Puts the body to count into the one that is sent. */
  wrap?(body: string | Uint8Array): string;
}

/** A request's body as a host takes it; what the client may have set of the host's own fields is replaced. */
export function hostedBody(body: MessagesRequest, host: MessagesHost, betas: readonly string[]): object {
  const { model: _, stream, anthropic_beta: _ignored, cache_control: mark, ...rest } = body;
  return {
    ...rest,
    ...(isObject(mark) && { messages: withLastBreakpoint(rest.messages, mark) }),
    anthropic_version: host.version,
    ...(stream && host.streamInBody && { stream }),
    ...(betas.length > 0 && host.betasInBody && { anthropic_beta: betas }),
  };
}

/** A message as far as its blocks are looked at. */
interface Marked {
  readonly content: string | readonly { readonly type: string }[];
}

/**
 * A breakpoint at the last block, in place of one for the whole request, which clouds do not know. Source: Anthropic docs,
 * prompt caching, "Automatic caching".
 */
export function withLastBreakpoint<T extends Marked>(messages: readonly T[], mark: JsonObject): T[] {
  const last = messages.at(-1);
  if (!last) return [];
  const blocks: JsonObject[] =
    typeof last.content === 'string'
      ? [{ type: 'text', text: last.content }]
      : last.content.map((block) => ({ ...block }));
  // Thoughts carry none.
  const block = blocks.findLast(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
  if (!block || isObject(block['cache_control']) || block['text'] === '') return [...messages];
  block['cache_control'] = mark;
  return [...messages.slice(0, -1), { ...last, content: blocks }];
}

/** Those of a client's betas that a host knows. */
export function hostedBetas(names: readonly string[], host: MessagesHost | undefined, model: string): string[] {
  if (!host) return [...names];
  return names.flatMap((name) => host.beta(name, model) ?? []);
}

/**
 * Betas that every host knows; of any other a host refuses the whole request. Sources: AWS, "Anthropic Claude Messages API";
 * Anthropic docs, beta headers and the availability of each feature on Bedrock and Vertex AI.
 */
const HOSTED_BETAS =
  /^(?:compact|computer-use|context-1m|context-management|tool-search-tool|mid-conversation|thinking-binding|thinking-display)-/;

/** Families that know interleaved thinking there; for all others it is refused. Source: Anthropic docs, extended thinking. */
const INTERLEAVES = /claude-(?:opus|sonnet|haiku)-4/;

/** The name of a beta on a host; undefined where it is refused. @param more what this host knows besides the others. */
export function hostedBeta(name: string, model: string, more?: RegExp): string | undefined {
  // Of this beta, clouds have only the tool search.
  if (name.startsWith('advanced-tool-use-')) return 'tool-search-tool-2025-10-19';
  if (name.startsWith('interleaved-thinking-')) return INTERLEAVES.test(model) ? name : undefined;
  return HOSTED_BETAS.test(name) || more?.test(name) ? name : undefined;
}
