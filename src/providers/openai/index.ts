import { aText, type Check, checkGiven } from '../../lib/option-checks.js';
import type { ProviderAdapter } from '../adapter.js';
import { requireApiKey } from '../api-key.js';
import { ENDPOINT_OPTIONS } from '../endpoint-options.js';
import { type CredentialSource, type HeaderOptions, readCredentials } from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { type ChatDialect, httpProvider } from '../http/http-provider.js';
import { openaiSize } from '../sizing.js';
import { openaiRoutes } from '../text-route.js';
import { OPENAI_NAMES, withToolNames } from '../tool-names.js';
import { loadAnsweredChat } from './load-answered-chat.js';
import { relayChunks } from './to-chunks.js';
import { relayCompletion } from './to-completion.js';
import { toError } from './to-error.js';
import { type RequestStyle, sentSize, toRequest } from './to-request.js';

/** Options of `openai()`. */
export interface OpenAIOptions {
  /** Undefined or empty is a TypeError. A function is asked for it with every request. */
  readonly apiKey: CredentialSource | undefined;
  /** Default `https://api.openai.com/v1`. */
  readonly baseURL?: string;
  /** Sent as `openai-organization`. */
  readonly organization?: string;
  /** Sent as `openai-project`. */
  readonly project?: string;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
}

const OPTIONS = { ...ENDPOINT_OPTIONS, organization: aText, project: aText } satisfies Record<
  keyof OpenAIOptions,
  Check
>;

/**
 * OpenAI's Chat Completions API. Requests and answers are relayed as they are wherever nothing must change.
 *
 * @throws {TypeError} when an option is missing, unknown or malformed.
 */
export function openai(options: OpenAIOptions): ProviderAdapter {
  checkGiven('openai', options, OPTIONS);
  const { organization, project } = options;
  const apiKey = requireApiKey('openai', options.apiKey);
  const fixed = {
    ...(organization !== undefined && { 'openai-organization': organization }),
    ...(project !== undefined && { 'openai-project': project }),
  };
  const credentials = readCredentials({ fixed, key: ['authorization', apiKey, bearer], own: options.headers });
  const looksUpReasoning = AZURE.test(options.baseURL ?? '');
  const style: RequestStyle = { name: 'openai', limitField: 'max_completion_tokens', strict: true, looksUpReasoning };
  const readError: ChatDialect['toError'] = (answer) => toError(answer, credentials.secrets);
  const dialect: ChatDialect = {
    name: 'openai',
    takesTool: ({ type }) => type === 'custom',
    prepare: loadAnsweredChat,
    toRequest,
    sentSize,
    toCompletion: (json, text, call) => relayCompletion(json, text, call, readError),
    toChunks: (call) => relayChunks(call, readError),
    toError: readError,
  };
  const endpoint = { ...credentials, baseURL: trimmed(options.baseURL ?? 'https://api.openai.com/v1') };
  const served = { embeddings: true, completions: true, responses: true, media: true };
  return httpProvider(
    withToolNames(dialect, OPENAI_NAMES),
    endpoint,
    openaiRoutes(served, style, destinationOf(endpoint, readError)),
    {
      responses: (call) => openaiSize(call.request, call.model, 'openai'),
    },
  );
}

/** Azure by its v1 API, as `azureOpenAI()` speaks it. */
const AZURE = /^https:\/\/[\w.-]+\.azure\.(?:com|us|cn)(?:[:/]|$)/i;

const bearer = (key: string) => `Bearer ${key}`;

function trimmed(baseURL: string): string {
  return baseURL.replace(/\/+$/, '');
}
