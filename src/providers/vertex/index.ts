import { betasIn } from '../../anthropic-api/betas.js';
import { anything, aString, type Check, checkGiven, texts } from '../../lib/option-checks.js';
import type { ProviderAdapter } from '../adapter.js';
import { nativeAdapters } from '../adopt.js';
import { chatCounter as claudeCounter } from '../anthropic/count-tokens.js';
import { hostedBeta, type MessagesHost } from '../anthropic/hosts.js';
import { anthropicDialect, relayedSize } from '../anthropic/index.js';
import { messagesRoute } from '../anthropic/messages/messages-route.js';
import { aToken, PLACE_OPTIONS } from '../endpoint-options.js';
import { chatCounter } from '../google/count-tokens.js';
import { googleDialect, randomId } from '../google/index.js';
import { signatureMemory } from '../google/signature-memory.js';
import { type CredentialSource, type HeaderOptions, readCredentials } from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { httpProvider } from '../http/http-provider.js';
import { accessTokens, type GoogleCredentials } from './access-token.js';
import { withoutVertexEvents } from './claude-events.js';
import { vertexRoutes } from './embeddings.js';
import { COUNT_CLAUDE, claudeId, isClaude, modelUrls, vertexHost } from './models.js';
import { claudeErrors } from './to-error.js';

export type { CredentialsFile, GoogleCredentials, TokenMaker } from './access-token.js';

/** Options of `vertex()`. */
export interface VertexOptions {
  /** The id of the Google Cloud project. */
  readonly project: string;
  /** A region (`us-central1`), a multi-region (`us`, `eu`) or `global`. */
  readonly location: string;
  /**
   * The content of a credentials file, or a client of `google-auth-library`, which must be installed. Default: the
   * environment's own credentials (Application Default Credentials).
   */
  readonly credentials?: GoogleCredentials;
  /** An OAuth access token in place of credentials; a function is asked for it with every request. */
  readonly token?: CredentialSource;
  /** Without the API version. Default: the location's own host. */
  readonly baseURL?: string;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
  /** Names that clients of `POST /messages` may send in `anthropic-beta`, as in `anthropic()`. @default none */
  readonly allowedBetas?: readonly string[];
}

/** Source: Anthropic docs, "Claude on Vertex AI"; Google Cloud, "Count tokens for Claude models". */
const CLAUDE_HOST: MessagesHost = {
  version: 'vertex-2023-10-16',
  path: (stream) => (stream ? ':streamRawPredict' : ':rawPredict'),
  streamInBody: true,
  betasInBody: false,
  beta: (name, model) => hostedBeta(name, model),
  count: { path: COUNT_CLAUDE, model: claudeId },
};

const OPTIONS = {
  ...PLACE_OPTIONS,
  project: aString,
  location: aString,
  credentials: anything,
  token: aToken,
  allowedBetas: texts,
} satisfies Record<keyof VertexOptions, Check>;

/**
 * Gemini and Claude on Google Cloud's Vertex AI; a model's id tells which of the two it is.
 *
 * @throws {TypeError} when an option is missing, unexpected or malformed.
 */
export function vertex(options: VertexOptions): ProviderAdapter {
  const { project, location } = checked(options);
  const host = (options.baseURL ?? vertexHost(location)).replace(/\/+(?:v1\/*)?$/, '');
  const token = options.token ?? accessTokens(options.credentials);
  const bearer = (secret: string) => `Bearer ${secret}`;
  const shared = options.token === undefined;
  const credentials = readCredentials({ key: ['authorization', token, bearer], own: options.headers, shared });
  // Google's texts name the project, which is not the client's business.
  const secrets = [...credentials.secrets, project];
  const endpoint = { ...credentials, baseURL: host, toUrl: modelUrls(`${host}/v1`, project, location) };

  const signatures = signatureMemory();
  const geminiDialect = googleDialect({ secrets, randomId, signatures });
  const gemini = httpProvider(geminiDialect, endpoint);
  const betas = betasIn(credentials.headers['anthropic-beta']);
  const readError = claudeErrors(secrets);
  const claudeDialect = anthropicDialect({ secrets, betas, host: CLAUDE_HOST, readError });
  const claude = httpProvider(claudeDialect, endpoint);

  const destination = destinationOf(endpoint, geminiDialect.toError);
  const countGemini = chatCounter(destination, signatures, 'vertex');
  const claudeDestination = destinationOf(endpoint, readError);
  const countClaude = claudeCounter(claudeDestination, betas, CLAUDE_HOST);
  const relay = { betas, allowedBetas: new Set(options.allowedBetas), host: CLAUDE_HOST };
  const adapterOf = (model: string) => (isClaude(model) ? claude : gemini);
  const adapter: ProviderAdapter = {
    name: 'vertex',
    chat: (call) => adapterOf(call.model).chat(call),
    stream: (call) => adapterOf(call.model).stream(call),
    routes: {
      ...vertexRoutes(destination),
      messages: { ...messagesRoute(relay, claudeDestination, withoutVertexEvents), serves: isClaude },
      countTokens: (call) => (isClaude(call.model) ? countClaude(call) : countGemini(call)),
    },
    ...(geminiDialect.recall && { recall: geminiDialect.recall }),
    sizes: {
      chat: (call) => (isClaude(call.model) ? claudeDialect : geminiDialect).sentSize(call),
      messages: relayedSize,
    },
  };
  return nativeAdapters.attach(adapter, true);
}

function checked(options: VertexOptions): VertexOptions {
  checkGiven('vertex', options, OPTIONS);
  const { project, location, credentials, token } = options;
  if (!/^[\w.:-]+$/.test(project ?? ''))
    throw new TypeError('vertex: project must be the id of a Google Cloud project');
  if (!/^[a-z0-9-]+$/.test(location ?? '')) throw new TypeError("vertex: location must be a region or 'global'");
  if (credentials !== undefined && token !== undefined) throw new TypeError('vertex: give either credentials or token');
  if (token === '') throw new TypeError('vertex: token is empty');
  return options;
}
