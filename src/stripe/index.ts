export { type StripeBilling, stripeBilling } from './billing.js';
export type {
  AutoReloadEvent,
  AutoReloadOptions,
  BillingGateway,
  BillingIdentity,
  CustomerDirectory,
  StripeBillingOptions,
} from './options.js';
export type { AutoReloadState, BillingState, PlanOffer, Receipt, SubscriptionState } from './state.js';
