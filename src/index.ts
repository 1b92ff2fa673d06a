export type { ModelOptions, PlanOptions, TargetOptions } from './catalog/catalog.js';
export { type ErrorBody, GatewayError, type GatewayErrorCode, type GatewayErrorDetails } from './errors.js';
export type { ExchangeHandler, GatewayRequest, GatewayResponse, MaybePromise, RequestHeaders } from './exchange.js';
export { createGateway, type Gateway } from './gateway.js';
export type { KeyEvents } from './keys/key-events.js';
export type {
  Account,
  AccountQuery,
  KeyBudget,
  KeyChange,
  KeyRecord,
  KeyStore,
  KeyWithAccount,
  StoredKey,
} from './keys/key-store.js';
export { memoryKeyStore } from './keys/memory-key-store.js';
export { type MemoryRateLimiter, memoryRateLimiter } from './limits/memory-rate-limiter.js';
export type {
  Admission,
  AdmitRequest,
  FinishRequest,
  LimitKind,
  LimitState,
  LimitSubject,
  Limits,
  PeekRequest,
  RateLimiter,
} from './limits/rate-limiter.js';
export type { Logger } from './logger.js';
export type { AccountInfo, AccountOverview, Accounts } from './management/accounts.js';
export type {
  CreditOptions,
  Credits,
  Movement,
  PromoCodeInfo,
  PromoCodeOptions,
  PromoCodes,
} from './management/credits.js';
export type { Budget, CreateKeyOptions, KeyInfo, Keys, UpdateKeyOptions } from './management/keys.js';
export type { PageOptions, Time } from './management/management.js';
export type { ModelInfo, Models } from './management/models.js';
export type { UsageFilter, UsageRecord, UsageReportQuery, UsageReports, UsageRow } from './management/usage-reports.js';
export { memoryMeter } from './meter/memory-meter.js';
export type * from './meter/meter.js';
export { memoryOutbox, type Outbox } from './meter/outbox.js';
export type { Price, PriceSnapshot, PriceTier } from './meter/price.js';
export type { TokenCounts, Usage, UsageSource } from './meter/usage.js';
export type { ChatCompletionChunk } from './openai/chat-chunk.js';
export type { ChatCompletion } from './openai/chat-completion.js';
export type { ChatMessage, ChatRequest } from './openai/chat-request.js';
export type { CompletionRequest } from './openai/completion-request.js';
export type { Embeddings, EmbeddingsRequest } from './openai/embeddings.js';
export type { ResponsesRequest } from './openai/responses/responses-request.js';
export type {
  DrainOptions,
  GatewayOptions,
  OutputLimitOptions,
  RetryOptions,
  TimeoutOptions,
} from './options.js';
export type { CountTokens } from './pipeline/operation.js';
export type { TargetHealth } from './pipeline/targets.js';
export { type AnthropicOptions, anthropic } from './providers/anthropic/index.js';
export { type GoogleOptions, google } from './providers/google/index.js';
export {
  type ChatDialect,
  httpProvider,
  type NativeError,
  type NativeRequest,
  type StreamTranslator,
} from './providers/http-provider.js';
export {
  type OpenAICompatibleOptions,
  type OpenAIOptions,
  openai,
  openaiCompatible,
} from './providers/openai/index.js';
export type {
  Attempt,
  ChatAnswer,
  ChatCall,
  ChatStream,
  EmbeddingsAnswer,
  ProviderAdapter,
  ProviderRoutes,
  RouteCall,
  StreamBatch,
  TextAnswer,
  TextRoute,
  UnsupportedPolicy,
} from './providers/provider-adapter.js';
export { memoryStore } from './stores/memory-store.js';
export type { Store } from './stores/store.js';
export { fetchTransport } from './upstream/fetch-transport.js';
export type { Transport, UpstreamBody, UpstreamRequest, UpstreamResponse } from './upstream/transport.js';
export { TransportError } from './upstream/transport.js';
export { undiciTransport } from './upstream/undici-transport.js';
export { UpstreamError, type UpstreamFault } from './upstream/upstream-error.js';
