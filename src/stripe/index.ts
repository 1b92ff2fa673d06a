export { type StripeBilling, stripeBilling } from './billing.js';
export type {
  AutoReloadEvent,
  AutoReloadOptions,
  BillingGateway,
  BillingIdentity,
  CustomerDirectory,
  StripeBillingOptions,
} from './options.js';
export type { PlanOffer } from './plan-prices.js';
export type { AutoReloadState, BillingState, Receipt, SubscriptionState } from './state.js';
