export type { Capabilities, Modality } from './catalog/capabilities.js';
export type {
  AllowanceOptions,
  BudgetOptions,
  BudgetSubject,
  ModelOptions,
  PlanOptions,
  TargetOptions,
  ToolLimitOptions,
} from './catalog/catalog-options.js';
export type * from './client-types.js';
export type {
  BodyBoundOptions,
  ConfigureOptions,
  DrainOptions,
  FaultContext,
  GatewayOptions,
  ItemOptions,
  OutputLimitOptions,
  RequestLogOptions,
  RetentionOptions,
  RetryOptions,
  TimeoutOptions,
} from './config/options.js';
export { type CloseOptions, createGateway, type Gateway } from './gateway.js';
export type {
  AnswerHook,
  AnswerHookContext,
  AnswerPart,
  Edit,
  Hook,
  HookContext,
  HookIdentity,
  Refusal,
  RequestHookContext,
} from './hooks/hook.js';
export type {
  ExchangeHandler,
  GatewayRequest,
  GatewayResponse,
  RequestHeaders,
} from './http/exchange.js';
export type { FoundItem, ItemStore, KeptItem } from './items/item-store.js';
export type { KeyDetails, KeyDetailsChange, SessionFacts } from './keys/key-details.js';
export type { KeyEvents } from './keys/key-events.js';
export type {
  Account,
  AccountChange,
  AccountQuery,
  KeyBudget,
  KeyChange,
  KeyPage,
  KeyRecord,
  KeyStore,
  KeyWithAccount,
  Profile,
  ProfileChange,
  StoredKey,
  Suspension,
} from './keys/key-store.js';
export type { Duration } from './lib/duration.js';
export { type ErrorBody, GatewayError, type GatewayErrorCode, type GatewayErrorDetails } from './lib/errors.js';
export type { JsonObject } from './lib/is-object.js';
export type { Logger } from './lib/logger.js';
export type { MaybePromise } from './lib/maybe-promise.js';
export type { NanoUsd } from './lib/money.js';
export type {
  BucketName,
  OpenAIUsage,
  TokenCounts,
  TokenPriceName,
  UnitCounts,
  Usage,
  UsageSource,
} from './lib/usage.js';
export { type MemoryRateLimiter, memoryRateLimiter } from './limits/memory-rate-limiter.js';
export type {
  Admission,
  AdmitRequest,
  FinishRequest,
  LimiterState,
  LimitKind,
  LimitState,
  LimitSubject,
  Limits,
  PeekRequest,
  RateLimiter,
} from './limits/rate-limiter.js';
export type { AccountData, ErasedAccount } from './management/account-data.js';
export type { AccountFunds, AllowanceInfo, GrantInfo } from './management/account-funds.js';
export type {
  AccountInfo,
  AccountLimit,
  AccountListQuery,
  AccountOverview,
  Accounts,
  CreateAccountOptions,
} from './management/accounts.js';
export type { BudgetInfo, BudgetQuery, Budgets } from './management/budgets.js';
export type { ChangeFilter, ChangeInfo, ChangeOptions, Changes } from './management/changes.js';
export type { GatewayCheck, PartCheck } from './management/check.js';
export type {
  AdjustOptions,
  CreditOptions,
  Credits,
  GrantOptions,
  HistoryOptions,
  Movement,
  RedeemOptions,
  RefundOptions,
  TopUpOptions,
} from './management/credits.js';
export type { Budget } from './management/key-settings.js';
export type {
  CreateKeyOptions,
  KeyInfo,
  KeyListOptions,
  KeyScope,
  Keys,
  RotateOptions,
  UpdateKeyOptions,
} from './management/keys.js';
export type { Maintenance, PruneOptions, PruneResult } from './management/maintenance.js';
export type { PageOptions, Time } from './management/management.js';
export type { ModelInfo, Models } from './management/models.js';
export type { ProbeOptions, TargetProbe } from './management/probe.js';
export type { PromoCodeInfo, PromoCodeOptions, PromoCodes } from './management/promo-codes.js';
export type { Quote } from './management/quoted.js';
export type { FailureFilter, RequestFilter, RequestInfo, RequestScope, Requests } from './management/requests.js';
export type { CreateSessionOptions, SessionInfo, Sessions } from './management/sessions.js';
export type {
  AccountUsageRow,
  Margin,
  ShownCharge,
  ShownTokens,
  UsageFilter,
  UsageRecord,
  UsageReportQuery,
  UsageReports,
  UsageRow,
} from './management/usage-reports.js';
export type * from './meter/meter.js';
export type { EventHandlers, GatewayEvent, ThresholdOptions } from './meter/notifications.js';
export { memoryOutbox, type Outbox } from './meter/outbox.js';
export type { Price, PriceSnapshot, PriceTier, Rates, UnitPrice, Usd } from './meter/price.js';
export type { RecordedRequest, RequestFacts } from './meter/usage-listeners.js';
export type { BudgetPeriod, WindowLength } from './meter/windows.js';
export type { GatewayGauges, GatewayMetrics } from './observe/gauges.js';
export type { BodyOptions } from './observe/logged-requests.js';
export type {
  AttemptTarget,
  RequestFollower,
  RequestObserver,
  RequestReport,
  RequestStart,
} from './observe/observer.js';
export type { CooldownState } from './pipeline/calling/cooldown.js';
export type { TargetHealth } from './pipeline/calling/targets.js';
export type { AttributionOptions, FactSource, HostAuthenticate, Identity } from './pipeline/identity.js';
export type { LogFacts } from './pipeline/log-facts.js';
export type { CountTokens } from './pipeline/operation.js';
export type { LateReportOptions } from './pipeline/settings.js';
export type {
  Attempt,
  ChatAnswer,
  ChatCall,
  ChatStream,
  EmbeddingsAnswer,
  GenerateContentRoute,
  MediaAnswer,
  MediaRoute,
  MessagesRoute,
  ProviderAdapter,
  ProviderRoutes,
  Recollection,
  RelayedAnswer,
  RouteCall,
  RouteSizes,
  StreamBatch,
  TextAnswer,
  TextRoute,
  UnsupportedPolicy,
} from './providers/adapter.js';
export { invalidAnswer, truncatedAnswer } from './providers/answer-faults.js';
export { type AnthropicOptions, anthropic } from './providers/anthropic/index.js';
export { type AzureOpenAIOptions, azureOpenAI } from './providers/azure/index.js';
export { type GoogleOptions, google } from './providers/google/index.js';
export type {
  Authorization,
  Authorize,
  CredentialCall,
  CredentialContext,
  CredentialSource,
  HeaderOptions,
  UnauthorizedRequest,
} from './providers/http/credentials.js';
export type { SentRequest } from './providers/http/dialect.js';
export type { EventFormat } from './providers/http/endpoint.js';
export {
  type ChatDialect,
  type Endpoint,
  httpProvider,
  type NativeError,
  type NativeRequest,
  type StreamTranslator,
} from './providers/http/http-provider.js';
export { type OpenAIOptions, openai } from './providers/openai/index.js';
export type { LimitField } from './providers/openai/to-request.js';
export { type OpenAICompatibleOptions, openaiCompatible } from './providers/openai-compatible/index.js';
export {
  cerebras,
  deepseek,
  fireworks,
  groq,
  mistral,
  type NamedProviderOptions,
  type OwnServerOptions,
  ollama,
  openrouter,
  together,
  vllm,
  xai,
} from './providers/openai-compatible/named-providers.js';
export type { SentSize } from './providers/sent-size.js';
export { statusError, type UpstreamProblem, type UpstreamReason } from './providers/upstream-status.js';
export { type ProviderWrap, type WrappedBatch, type WrappedStream, wrapProvider } from './providers/wrap-provider.js';
export type { FailureCount, RequestLog, RequestRange, RequestSpan } from './requests/request-log.js';
export type { AttemptRecord, RequestOrigin, RequestRecord } from './requests/request-record.js';
export type { ChangeLog, ChangeRecord } from './stores/change-log.js';
export { memoryItems } from './stores/memory/memory-items.js';
export { memoryKeyStore } from './stores/memory/memory-key-store.js';
export { type AtOnce, type MemoryMeter, type MemoryOptions, memoryMeter } from './stores/memory/memory-meter.js';
export { memoryStore } from './stores/memory/memory-store.js';
export type { FullStore, Store } from './stores/store.js';
export type { StoreUpkeep } from './stores/upkeep.js';
export type { UploadedFile } from './uploads/uploaded-file.js';
export { fetchTransport } from './upstream/fetch-transport.js';
export type { EventReader, ReadEvents } from './upstream/sse-reader.js';
export type { Transport, UpstreamBody, UpstreamRequest, UpstreamResponse } from './upstream/transport.js';
export { TransportError, type TransportFault } from './upstream/transport.js';
export { undiciTransport } from './upstream/undici/transport.js';
export { UpstreamError, type UpstreamFault } from './upstream/upstream-error.js';
