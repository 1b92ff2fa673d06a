import type { StripeFields, StripeObject } from './fake-stripe-objects.js';

/** One request that reached the API. */
export interface FakeStripeRequest {
  readonly method: string;
  /** Below `/v1/`: `customers/cus_1`. */
  readonly path: string;
  readonly form: StripeFields;
  readonly idempotencyKey: string | undefined;
}

/** An event before it is signed. */
export interface FakeStripeEvent {
  readonly type: string;
  readonly object: StripeFields;
}

/** How an event is signed and sent. */
export interface FakeEventDetails {
  /** @default the fake's own `webhookSecret` */
  readonly secret?: string;
  /** Seconds since the epoch. @default now */
  readonly timestamp?: number;
  /** The connected account that it comes from. */
  readonly account?: string;
}

/** A stand-in for Stripe's API, with a page on which a customer pays. */
export interface FakeStripe {
  /** Options of the `stripe` package that reach it: `new Stripe('sk_test_fake', fake.options)`. */
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly protocol: 'http';
    readonly maxNetworkRetries: number;
  };
  readonly webhookSecret: string;
  readonly requests: readonly FakeStripeRequest[];
  /** Whether automatic payments succeed. @default 'pays' */
  card: 'pays' | 'declines';
  /** Keeps an object, as if it had been made on Stripe's own pages. */
  put(object: string, fields: StripeFields): StripeObject;
  change(id: string, fields: StripeFields): StripeObject;
  get(id: string): StripeObject;
  /** The objects of one type, oldest first. */
  all(object: string): StripeObject[];
  /** Pays a checkout session. @returns the events of it, none of them sent. */
  pay(session: string): FakeStripeEvent[];
  /** Refunds a part of a payment, in cents. @param status Stripe's status of the refund. @default 'succeeded' */
  refund(payment: string, amount: number, status?: string): StripeObject;
  /** An event and its signature, as Stripe would send them. */
  sign(event: FakeStripeEvent, details?: FakeEventDetails): { readonly body: string; readonly signature: string };
  close(): Promise<void>;
}
