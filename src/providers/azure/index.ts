import { aText, type Check, checkGiven } from '../../lib/option-checks.js';
import type { ProviderAdapter } from '../adapter.js';
import { requireApiKey } from '../api-key.js';
import { aToken, ENDPOINT_OPTIONS } from '../endpoint-options.js';
import {
  type CredentialOptions,
  type CredentialSource,
  type HeaderOptions,
  readCredentials,
} from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { type ChatDialect, httpProvider } from '../http/http-provider.js';
import { answeredRequest, loadAnsweredChat } from '../openai/load-answered-chat.js';
import { relayChunks } from '../openai/to-chunks.js';
import { relayCompletion } from '../openai/to-completion.js';
import { type RequestStyle, toRequest } from '../openai/to-request.js';
import { openaiSize } from '../sizing.js';
import { openaiRoutes } from '../text-route.js';
import { OPENAI_NAMES, withToolNames } from '../tool-names.js';
import { azureRoot, azureUrl } from './api-version.js';
import { fillFilteredChoices } from './content-filter.js';
import { toError } from './to-error.js';

/** Options of `azureOpenAI()`: `resource` or `baseURL`, and `apiKey` or `token`. */
export interface AzureOpenAIOptions {
  /** The resource's name: `https://{resource}.openai.azure.com`. */
  readonly resource?: string;
  /** The endpoint in place of the name, with or without `/openai` or `/openai/v1`: sovereign clouds, Foundry, API Management. */
  readonly baseURL?: string;
  /** Sent as `api-key`. A function is asked for it with every request. */
  readonly apiKey?: CredentialSource | undefined;
  /** A Microsoft Entra ID token, sent as `Authorization: Bearer`; a function as `getBearerTokenProvider` makes one fits. */
  readonly token?: CredentialSource | undefined;
  /** A date (`2024-10-21`) selects the dated API with its deployment paths. Default: the v1 API, which needs none. */
  readonly apiVersion?: string;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
}

/** Fields are those of OpenAI, so clients reach both under the same key of `provider_options`. */
const STYLE: RequestStyle = {
  name: 'openai',
  limitField: 'max_completion_tokens',
  strict: true,
  looksUpReasoning: true,
};

const OPTIONS = { ...ENDPOINT_OPTIONS, resource: aText, token: aToken, apiVersion: aText } satisfies Record<
  keyof AzureOpenAIOptions,
  Check
>;

/**
 * OpenAI's models on Azure. The model of a target is the name of a deployment.
 *
 * @throws {TypeError} when an option is missing, unexpected or malformed.
 */
export function azureOpenAI(options: AzureOpenAIOptions): ProviderAdapter {
  checkGiven('azureOpenAI', options, OPTIONS);
  const toUrl = azureUrl(azureRoot(options.resource, options.baseURL), options.apiVersion);
  const credentials = readCredentials({ key: keyOf(options), own: options.headers });
  const readError: ChatDialect['toError'] = (answer) => toError(answer, credentials.secrets);
  const dialect: ChatDialect = {
    name: 'azure-openai',
    takesTool: ({ type }) => type === 'custom',
    prepare: loadAnsweredChat,
    toRequest: (call, stream) => toRequest(call, stream),
    sentSize: (call) => openaiSize(answeredRequest(call), call.model, 'deployments'),
    toCompletion(json, text, call) {
      const written = fillFilteredChoices(json) ? JSON.stringify(json) : text;
      return relayCompletion(json, written, call, readError);
    },
    toChunks: (call) => relayChunks(call, readError),
    toError: readError,
  };
  const endpoint = { ...credentials, baseURL: '', toUrl };
  const served = { embeddings: true, completions: true, responses: true, media: true };
  return httpProvider(
    withToolNames(dialect, OPENAI_NAMES),
    endpoint,
    openaiRoutes(served, STYLE, destinationOf(endpoint, readError)),
    {
      responses: (call) => openaiSize(call.request, call.model, 'deployments'),
    },
  );
}

function keyOf({ apiKey, token }: AzureOpenAIOptions): CredentialOptions['key'] {
  if (token === undefined) return ['api-key', requireApiKey('azureOpenAI', apiKey)];
  if (apiKey !== undefined) throw new TypeError('azureOpenAI: give either apiKey or token');
  if (token === '') throw new TypeError('azureOpenAI: token is empty');
  return ['authorization', token, (secret) => `Bearer ${secret}`];
}
