import { betasIn } from '../../anthropic-api/betas.js';
import { type Check, checkGiven, texts } from '../../lib/option-checks.js';
import type { ProviderAdapter, RouteSizes } from '../adapter.js';
import { requireApiKey } from '../api-key.js';
import { ENDPOINT_OPTIONS } from '../endpoint-options.js';
import { type CredentialSource, type HeaderOptions, readCredentials } from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { type ChatDialect, httpProvider, type SizedDialect } from '../http/http-provider.js';
import { messagesSize } from '../sizing.js';
import { ANTHROPIC_NAMES, withToolNames } from '../tool-names.js';
import { UnsupportedParams } from '../unsupported-params.js';
import { chatCounter } from './count-tokens.js';
import type { MessagesHost } from './hosts.js';
import { messagesRoute } from './messages/messages-route.js';
import { answeredIn, runsAtClient } from './messages/relayed-request.js';
import { requestedBetas } from './provider-options.js';
import { toChunks } from './to-chunks.js';
import { toCompletion } from './to-completion.js';
import { toError } from './to-error.js';
import { toBody, toRequest } from './to-request.js';

/** The version of the API that the translators are written for. Source: Anthropic docs, API versioning. */
const API_VERSION = '2023-06-01';

export interface AnthropicOptions {
  /** Sent as `x-api-key`; undefined or empty is a TypeError. A function is asked for it with every request. */
  readonly apiKey: CredentialSource | undefined;
  /** Default `https://api.anthropic.com`; a trailing `/v1` is accepted. */
  readonly baseURL?: string;
  /** Added to every request, any case; they win over the default headers. `anthropic-beta` names given as text are kept. */
  readonly headers?: HeaderOptions;
  /**
   * Names that clients of `POST /messages` may send in `anthropic-beta`, in addition to those that change neither the price nor
   * who runs what. @default none
   */
  readonly allowedBetas?: readonly string[];
}

const OPTIONS = { ...ENDPOINT_OPTIONS, allowedBetas: texts } satisfies Record<keyof AnthropicOptions, Check>;

/**
 * Claude models through Anthropic's Messages API, or anything that speaks it.
 *
 * @throws {TypeError} when an option is missing, unknown or malformed.
 */
export function anthropic(options: AnthropicOptions): ProviderAdapter {
  checkGiven('anthropic', options, OPTIONS);
  const { baseURL, headers, allowedBetas = [] } = options;
  const apiKey = requireApiKey('anthropic', options.apiKey);
  const fixed = { 'anthropic-version': API_VERSION };
  const credentials = readCredentials({ fixed, key: ['x-api-key', apiKey], own: headers });
  const betas = betasIn(credentials.headers['anthropic-beta']);
  const dialect = anthropicDialect({ secrets: credentials.secrets, betas });
  const endpoint = { ...credentials, baseURL: trimmed(baseURL ?? 'https://api.anthropic.com') };
  const relay = { betas, allowedBetas: new Set(allowedBetas) };
  const destination = destinationOf(endpoint, dialect.toError);
  const routes = { messages: messagesRoute(relay, destination), countTokens: chatCounter(destination, betas) };
  return httpProvider(dialect, endpoint, routes, { messages: relayedSize });
}

/** How large a relayed request is. */
export const relayedSize: NonNullable<RouteSizes['messages']> = ({ request, model }) => {
  const { tools, ...value } = request.value;
  const messages = answeredIn(request, new UnsupportedParams('drop'));
  return messagesSize({ ...value, messages, ...(tools && { tools: tools.filter(runsAtClient) }) }, model);
};

/** What the translators need to know of the place where they send to. */
export interface MessagesEndpoint {
  readonly secrets?: readonly string[];
  readonly betas?: readonly string[];
  /** The cloud that hosts the models; unset: Anthropic itself. */
  readonly host?: MessagesHost;
  /** Reads errors in place of Anthropic's own form. */
  readonly readError?: ChatDialect['toError'];
}

/** The translators alone; pure. */
export function anthropicDialect(endpoint: MessagesEndpoint = {}): SizedDialect {
  const { secrets = [], betas = [], host } = endpoint;
  const readError = endpoint.readError ?? ((answer) => toError(answer, secrets));
  const dialect: SizedDialect = {
    name: 'anthropic',
    toRequest: (call, stream) => toRequest(call, stream, betas, host),
    sentSize: (call) =>
      messagesSize(
        toBody(call, false, new UnsupportedParams(call.unsupported), host),
        call.model,
        requestedBetas(call.request),
      ),
    toCompletion: (json, _text, call) => toCompletion(json, call),
    toChunks: (call) => toChunks(call, (text) => readError({ headers: {}, text })),
    toError: readError,
  };
  return withToolNames(dialect, ANTHROPIC_NAMES);
}

function trimmed(baseURL: string): string {
  return baseURL.replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
}
