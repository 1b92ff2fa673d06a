import { aFunction, type Check, checkGiven } from '../../lib/option-checks.js';
import type { ProviderAdapter } from '../adapter.js';
import { requireApiKey } from '../api-key.js';
import { ENDPOINT_OPTIONS } from '../endpoint-options.js';
import { type CredentialSource, type HeaderOptions, readCredentials } from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { type ChatDialect, httpProvider, type SizedDialect } from '../http/http-provider.js';
import { contentSize } from '../sizing.js';
import { UnsupportedParams } from '../unsupported-params.js';
import { chatCounter } from './count-tokens.js';
import { googleRoutes } from './embeddings.js';
import { imagesRoute } from './images.js';
import { nativeRoute } from './native/native-route.js';
import { sentRequest } from './native/relayed-request.js';
import { type SignatureMemory, signatureMemory } from './signature-memory.js';
import { toChunks } from './to-chunks.js';
import { toCompletion } from './to-completion.js';
import { toError } from './to-error.js';
import { toBody, toRequest } from './to-request.js';

/** How to reach the Gemini API. */
export interface GoogleOptions {
  /** Sent as `x-goog-api-key`, never in a URL; undefined or empty is a TypeError. A function is asked for it each time. */
  readonly apiKey: CredentialSource | undefined;
  /** Without the API version; default `https://generativelanguage.googleapis.com`. */
  readonly baseURL?: string;
  /** Sent with every request; they win over the adapter's own. */
  readonly headers?: HeaderOptions;
  /** Fresh text for ids, at most 32 characters of `[a-zA-Z0-9]`; default: from a random UUID. */
  readonly randomId?: () => string;
}

const OPTIONS = { ...ENDPOINT_OPTIONS, randomId: aFunction } satisfies Record<keyof GoogleOptions, Check>;

/**
 * Gemini models through Google's own API, `generateContent`. Source: ai.google.dev, API reference.
 *
 * @throws {TypeError} when an option is missing, unknown or malformed.
 */
export function google(options: GoogleOptions): ProviderAdapter {
  checkGiven('google', options, OPTIONS);
  const apiKey = requireApiKey('google', options.apiKey);
  const baseURL = (options.baseURL ?? 'https://generativelanguage.googleapis.com').replace(/\/+(?:v1beta\/*)?$/, '');
  const credentials = readCredentials({ key: ['x-goog-api-key', apiKey], own: options.headers });
  const signatures = signatureMemory();
  const dialect = googleDialect({
    secrets: credentials.secrets,
    randomId: options.randomId ?? randomId,
    signatures,
  });
  const endpoint = { ...credentials, baseURL };
  const destination = destinationOf(endpoint, dialect.toError);
  const routes = {
    ...googleRoutes(destination),
    generateContent: nativeRoute(destination),
    countTokens: chatCounter(destination, signatures, 'gemini'),
    media: imagesRoute(destination),
  };
  return httpProvider(dialect, endpoint, routes, { generateContent: (call) => contentSize(sentRequest(call)) });
}

/** The Gemini wire format as pure translators. */
export function googleDialect(world: {
  readonly secrets: readonly string[];
  readonly randomId: () => string;
  readonly signatures: SignatureMemory;
}): SizedDialect {
  const readError: ChatDialect['toError'] = (answer) => toError(answer, world.secrets);
  const context = { randomId: world.randomId, toError: readError, signatures: world.signatures };
  return {
    name: 'google',
    recall: world.signatures.load,
    toRequest: (call, stream) => toRequest(call, stream, world.signatures),
    sentSize: (call) => contentSize(toBody(call, world.signatures, new UnsupportedParams(call.unsupported))),
    toCompletion: (json, text, call) => toCompletion(json, text, call, context),
    toChunks: (call) => toChunks(call, context),
    toError: readError,
  };
}

/** Text for ids that no provider gave. */
export function randomId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}
