import {
  aFlag,
  aFunction,
  aText,
  type Check,
  checkGiven,
  group,
  one,
  positive,
  texts,
} from '../../lib/option-checks.js';
import type { ProviderAdapter } from '../adapter.js';
import { requireApiKey } from '../api-key.js';
import { ENDPOINT_OPTIONS } from '../endpoint-options.js';
import { type CredentialSource, type HeaderOptions, readCredentials } from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { type ChatDialect, httpProvider } from '../http/http-provider.js';
import { toError } from '../openai/to-error.js';
import type { LimitField } from '../openai/to-request.js';
import { openaiRoutes } from '../text-route.js';
import { OPENAI_NAMES, withToolNames } from '../tool-names.js';
import { endpointFields } from './allowed-fields.js';
import { type CompatibleFacts, UNKNOWN } from './facts.js';
import { factsFor } from './known-providers.js';
import { LearnedFields } from './learned-fields.js';
import { reasoningMemory } from './reasoning-memory.js';
import { normalizeChunks } from './to-chunks.js';
import { normalizeCompletion } from './to-completion.js';
import { sentSize, toRequest } from './to-request.js';

/** Options of `openaiCompatible()`. */
export interface OpenAICompatibleOptions {
  /** Up to and including the version: `https://api.example.com/v1`. */
  readonly baseURL: string;
  /** Sent as `Authorization: Bearer`; leave it out for servers without keys. Undefined or empty is a TypeError. */
  readonly apiKey?: CredentialSource;
  /**
   * The dialect's name in logs and its key under `provider_options`. Default `openai-compatible`. The name of a known
   * provider (`groq`, `mistral`, …) applies the facts about it, as its host in `baseURL` does.
   */
  readonly name?: string;
  /** The field in which this API takes an output limit, whichever the client used. Default `max_tokens`. */
  readonly limitField?: LimitField;
  /** True where the API has the role `developer`; it is sent as `system` otherwise. Default false. */
  readonly developerRole?: boolean;
  /**
   * The field of messages in which reasoning goes back to the API, or `none`. Default: the one in which it came, and
   * nowhere until the first of it has come.
   */
  readonly reasoningField?: 'reasoning' | 'reasoning_content' | 'reasoning_details' | 'none';
  /** False for an API that refuses `stream_options`; it must then report usage unasked. Default true. */
  readonly streamOptions?: boolean;
  /** The most texts that the API embeds at once; larger requests are split. Default: no limit. */
  readonly maxEmbeddingBatch?: number;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
  /**
   * Further request fields that clients may set, by name, or `'*'` for all of them. A field that can make a request cost more
   * than its tokens (another model, tools, limits) is then yours to bound. Default: a list of harmless ones.
   */
  readonly extraFields?: '*' | readonly string[];
  /**
   * Which routes besides chat the server has. Without its own `responses` they are made out of chat; without the others
   * their requests are refused. Default: embeddings and completions.
   */
  readonly routes?: { readonly embeddings?: boolean; readonly completions?: boolean; readonly responses?: boolean };
  /** A source of numbers in [0, 1) for ids that the provider left out. Default `Math.random`. */
  readonly random?: () => number;
}

const OPTIONS = {
  ...ENDPOINT_OPTIONS,
  name: aText,
  limitField: one(['max_tokens', 'max_completion_tokens']),
  developerRole: aFlag,
  reasoningField: one(['reasoning', 'reasoning_content', 'reasoning_details', 'none']),
  streamOptions: aFlag,
  maxEmbeddingBatch: positive,
  extraFields: (value: unknown, path: string) => (value === '*' ? undefined : texts(value, path)),
  routes: group({ embeddings: aFlag, completions: aFlag, responses: aFlag }),
  random: aFunction,
} satisfies Record<keyof OpenAICompatibleOptions, Check>;

/**
 * An API that copies OpenAI's. Well-known ones have functions of their own: `groq()`, `mistral()`, …
 *
 * Answers are parsed and rewritten, so that clients do not see where such APIs differ. Messages go out without
 * the fields that other providers' answers put there.
 *
 * @throws {TypeError} when an option is missing, unknown or malformed.
 */
export function openaiCompatible(options: OpenAICompatibleOptions): ProviderAdapter {
  checkGiven('openaiCompatible', options, OPTIONS);
  if (options.baseURL === undefined) throw new TypeError('openaiCompatible: baseURL is missing');
  const apiKey = 'apiKey' in options ? requireApiKey('openaiCompatible', options.apiKey) : undefined;
  const { name, baseURL, limitField, developerRole, reasoningField, streamOptions } = options;
  const known = factsFor(name, baseURL);
  const { facts: base = UNKNOWN, isItsHost = false } = known ?? {};
  const facts: CompatibleFacts = {
    ...base,
    name: name ?? base.name,
    // Another server under a known name takes what the provider takes, but may not do unasked what the provider does.
    ...(!isItsHost && { limitField: UNKNOWN.limitField }),
    ...(!isItsHost && base.streamOptions === 'unneeded' && { streamOptions: 'taken' as const }),
    ...(limitField !== undefined && { limitField }),
    ...(developerRole !== undefined && { developer: developerRole }),
    ...(reasoningField !== undefined && { reasoning: reasoningField }),
    ...(streamOptions !== undefined && { streamOptions: streamOptions ? ('taken' as const) : ('refused' as const) }),
    routes: { ...UNKNOWN.routes, ...options.routes },
  };
  return compatibleAdapter(facts, { ...options, apiKey });
}

/** Where an API is, and as whom to ask it. */
export interface CompatibleEndpointOptions {
  readonly baseURL: string;
  readonly apiKey: CredentialSource | undefined;
  readonly headers?: HeaderOptions;
  readonly extraFields?: '*' | readonly string[];
  readonly maxEmbeddingBatch?: number;
  readonly random?: () => number;
}

/** The adapter for an API of which these facts are known. */
export function compatibleAdapter(facts: CompatibleFacts, options: CompatibleEndpointOptions): ProviderAdapter {
  const { apiKey, random = Math.random, maxEmbeddingBatch } = options;
  const credentials = readCredentials({ key: ['authorization', apiKey, bearer], own: options.headers });
  const fields = endpointFields(options.extraFields, facts.toolFields);
  const endpoint = { facts, fields, learned: new LearnedFields(), memory: reasoningMemory() };
  const readError: ChatDialect['toError'] = (answer) => toError(answer, credentials.secrets);
  const context = { ...endpoint, toError: readError, random };
  const dialect: ChatDialect = {
    name: facts.name,
    ...(facts.remembersReasoning && { recall: endpoint.memory.load }),
    takesTool: ({ type }) => type !== 'custom' && (facts.providerTools?.includes(type) ?? true),
    toRequest: (call, stream) => toRequest(call, stream, endpoint),
    sentSize: (call) => sentSize(call, endpoint),
    toCompletion: (json, text, call) => normalizeCompletion(json, text, call, context),
    toChunks: (call) => normalizeChunks(call, context),
    toError: readError,
  };
  const place = { ...credentials, baseURL: options.baseURL.replace(/\/+$/, '') };
  const style = { name: facts.name, limitField: facts.limitField, strict: false, fields, maxEmbeddingBatch };
  return httpProvider(
    withToolNames(dialect, OPENAI_NAMES),
    place,
    openaiRoutes({ ...facts.routes, media: true }, style, destinationOf(place, readError)),
  );
}

function bearer(key: string): string {
  return `Bearer ${key}`;
}
