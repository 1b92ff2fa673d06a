import { isObject } from '../lib/is-object.js';

/** True for what Stripe does not know, or what is of another Stripe account or mode. Source: https://docs.stripe.com/error-codes#resource-missing */
export function isMissing(thrown: unknown): boolean {
  return isObject(thrown) && thrown['code'] === 'resource_missing';
}

/** True for what Stripe does not do with an object as it is. Source: https://docs.stripe.com/error-handling#error-types */
export function isInvalid(thrown: unknown): boolean {
  return isObject(thrown) && thrown['type'] === 'StripeInvalidRequestError';
}

/** Source: https://docs.stripe.com/error-handling#error-types */
const AWAY: ReadonlySet<unknown> = new Set(['StripeConnectionError', 'StripeAPIError', 'StripeRateLimitError']);

/** True when Stripe could not be reached, failed, or takes no more requests for now: the same request may succeed later. */
export function isAway(thrown: unknown): boolean {
  return isObject(thrown) && AWAY.has(thrown['type']);
}
