import { betasIn } from '../../anthropic-api/betas.js';
import { anything, aString, type Check, checkGiven, texts } from '../../lib/option-checks.js';
import type { ProviderAdapter } from '../adapter.js';
import { nativeAdapters } from '../adopt.js';
import { chatCounter } from '../anthropic/count-tokens.js';
import { relayedSize } from '../anthropic/index.js';
import { messagesRoute } from '../anthropic/messages/messages-route.js';
import { requireApiKey } from '../api-key.js';
import { ENDPOINT_OPTIONS } from '../endpoint-options.js';
import { type CredentialSource, type HeaderOptions, readCredentials } from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { type ChatDialect, type Endpoint, httpProvider } from '../http/http-provider.js';
import { CLAUDE_HOST, claudeDialect, claudeEvents, converseDialect } from './dialects.js';
import { bedrockRoutes } from './embeddings.js';
import { loadEventStream } from './event-stream.js';
import { isClaude, modelUrls } from './models.js';
import { type AwsCredentialSource, signer } from './sign.js';
import { toError } from './to-error.js';

export type { AwsCredentialContext, AwsCredentialSource, AwsCredentials } from './sign.js';

/** Options of `bedrock()`: a region, and `credentials` or `apiKey`. */
export interface BedrockOptions {
  /** `us-east-1`, … */
  readonly region: string;
  /**
   * AWS credentials, or a function that is asked for them with every request; the AWS SDK's credential providers fit. Needs
   * `@smithy/signature-v4` and `@aws-crypto/sha256-js`.
   */
  readonly credentials?: AwsCredentialSource;
  /** A Bedrock API key, sent as `Authorization: Bearer`; a function is asked for it with every request. */
  readonly apiKey?: CredentialSource | undefined;
  /** Default `https://bedrock-runtime.{region}.amazonaws.com`. */
  readonly baseURL?: string;
  /** Further headers of every request. They are not signed. */
  readonly headers?: HeaderOptions;
  /** Names that clients of `POST /messages` may send in `anthropic-beta`, as in `anthropic()`. @default none */
  readonly allowedBetas?: readonly string[];
}

const OPTIONS = { ...ENDPOINT_OPTIONS, region: aString, credentials: anything, allowedBetas: texts } satisfies Record<
  keyof BedrockOptions,
  Check
>;

/**
 * Models of Amazon Bedrock: Claude in its own Messages format, all others through Converse; embeddings by Titan, Cohere and Nova.
 * A model is an id, an inference profile or an ARN. Streams need `@smithy/eventstream-codec` and `@smithy/util-utf8`.
 *
 * @throws {TypeError} when an option is missing, unexpected or malformed.
 */
export function bedrock(options: BedrockOptions): ProviderAdapter {
  checkGiven('bedrock', options, OPTIONS);
  const { region, headers: own } = options;
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(region ?? '')) throw new TypeError('bedrock: region must be one of AWS');
  const baseURL = (options.baseURL ?? `https://bedrock-runtime.${region}.amazonaws.com`).replace(/\/+$/, '');
  const credentials = credentialsOf(options, region, own);
  const endpoint: Endpoint = {
    ...credentials,
    baseURL,
    toUrl: modelUrls(baseURL),
    events: { mediaType: 'application/vnd.amazon.eventstream', reader: loadEventStream },
  };
  const readError: ChatDialect['toError'] = (answer) => toError(answer, credentials.secrets);
  const betas = betasIn(credentials.headers['anthropic-beta']);
  const claudeBodies = claudeDialect(betas, readError);
  const converseBodies = converseDialect(readError);
  const claude = httpProvider(claudeBodies, endpoint);
  const converse = httpProvider(converseBodies, endpoint);
  const destination = destinationOf(endpoint, readError);
  const relay = { betas, allowedBetas: new Set(options.allowedBetas), host: CLAUDE_HOST };
  const countClaude = chatCounter(destination, betas, CLAUDE_HOST);
  const adapterOf = (model: string) => (isClaude(model) ? claude : converse);
  const adapter: ProviderAdapter = {
    name: 'bedrock',
    chat: (call) => adapterOf(call.model).chat(call),
    stream: (call) => adapterOf(call.model).stream(call),
    routes: {
      ...bedrockRoutes(destination),
      messages: { ...messagesRoute(relay, destination, claudeEvents(readError)), serves: isClaude },
      countTokens: async (call) => (isClaude(call.model) ? countClaude(call) : undefined),
    },
    sizes: {
      chat: (call) => (isClaude(call.model) ? claudeBodies : converseBodies).sentSize(call),
      messages: relayedSize,
    },
  };
  return nativeAdapters.attach(adapter, true);
}

function credentialsOf({ credentials, apiKey }: BedrockOptions, region: string, own: HeaderOptions | undefined) {
  if (credentials === undefined) {
    const key = requireApiKey('bedrock', apiKey);
    return readCredentials({ key: ['authorization', key, (secret) => `Bearer ${secret}`], own });
  }
  if (apiKey !== undefined) throw new TypeError('bedrock: give either credentials or apiKey');
  if (typeof credentials !== 'function' && !(credentials.accessKeyId && credentials.secretAccessKey)) {
    throw new TypeError('bedrock: credentials must hold accessKeyId and secretAccessKey');
  }
  if (typeof own === 'function' || Object.values(own ?? {}).some((value) => typeof value === 'function')) {
    throw new TypeError('bedrock: with credentials, headers must be plain values');
  }
  const { headers, secrets } = readCredentials({ key: ['authorization', undefined], own });
  return { headers, secrets, authorize: signer(credentials, region) };
}
