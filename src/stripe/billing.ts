import { readBody } from '../dashboard/api/body.js';
import { checkWrite, isFromOtherAccount } from '../dashboard/security.js';
import { type ExchangeHandler, type GatewayRequest, type GatewayResponse, headerValue } from '../http/exchange.js';
import { fromWebRequest, toWebResponse } from '../http/web.js';
import { errorBody, GatewayError, toGatewayError } from '../lib/errors.js';
import { describeFault } from '../lib/logger.js';
import { isObject } from '../openai-api/field-checks.js';
import { AutoReload } from './auto-reload.js';
import { checkout } from './checkout.js';
import { Customers } from './customers.js';
import { type BillingSettings, readBillingOptions, type StripeBillingOptions } from './options.js';
import { PlanPrices } from './plan-prices.js';
import { billingState } from './state.js';
import { isAway } from './stripe-errors.js';
import { applyEvent, readEvent } from './webhook.js';

/** Mountable billing by Stripe. */
export interface StripeBilling extends ExchangeHandler {
  /** The same for runtimes with web requests; works under any mount path. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Stops listening to the gateway. */
  close(): void;
}

const ROUTES = {
  checkout: 'POST',
  portal: 'POST',
  webhook: 'POST',
  'auto-reload': 'POST',
  state: 'GET',
} as const;
type RouteName = keyof typeof ROUTES;

const MAX_BODY_BYTES = 16 * 1024;

/**
 * Payments by Stripe for the accounts of a gateway, mounted like the gateway itself:
 * `app.use('/billing', toExpressHandler(stripeBilling({ … })))`, before any body parser.
 *
 * Routes: POST `checkout` (`{ pack: '25' }` or `{ plan: 'pro' }` → `{ url }`), POST `portal` (→ `{ url }`), POST
 * `auto-reload` (`{ enabled, threshold, amount, dailyLimit? }`), GET `state`, and POST `webhook` for Stripe itself.
 * Point Stripe's webhook at it with these events: `checkout.session.completed`,
 * `checkout.session.async_payment_succeeded`, `payment_intent.succeeded`, `charge.refunded`, `refund.*`,
 * `charge.dispute.*`, `customer.subscription.*`.
 *
 * @throws {TypeError} that lists every problem of the options; `webhookSecret` is required.
 */
export function stripeBilling(options: StripeBillingOptions): StripeBilling {
  const settings = readBillingOptions(options);
  const customers = new Customers(settings);
  const autoReload = new AutoReload(settings, customers);
  const parts = { settings, customers, autoReload, prices: new PlanPrices(settings) };
  const stop = settings.autoReload
    ? settings.gateway.usage.subscribe(({ accountId }) => void autoReload.notice(accountId))
    : undefined;

  async function handle(request: GatewayRequest): Promise<GatewayResponse> {
    try {
      return json(200, await answer(parts, request));
    } catch (thrown) {
      const error = isAway(thrown)
        ? new GatewayError('service_unavailable', { headers: { 'retry-after': '1' }, cause: thrown })
        : toGatewayError(thrown);
      if (error.status >= 500) settings.logger.error({ fault: describeFault(error) }, 'billing could not answer');
      return json(error.status, errorBody(error), error.headers);
    }
  }
  return {
    handle,
    async fetch(request) {
      return toWebResponse(await handle(fromWebRequest(request, new URL(request.url).pathname)), request.method);
    },
    close: () => stop?.(),
  };
}

interface Parts {
  readonly settings: BillingSettings;
  readonly customers: Customers;
  readonly autoReload: AutoReload;
  readonly prices: PlanPrices;
}

async function answer(parts: Parts, request: GatewayRequest): Promise<unknown> {
  const { settings, customers, autoReload } = parts;
  const route = routeOf(request);
  if (route === 'webhook') {
    return { received: await applyEvent(settings, customers, await readEvent(settings, request)) };
  }
  if (route !== 'state') checkWrite(request, settings);
  const { accountId, email } = await identify(settings, request);
  switch (route) {
    case 'state':
      return billingState(settings, parts, accountId);
    case 'checkout': {
      const buyer = { accountId, email, returnUrl: returnUrlFor(settings, request) };
      return { url: await checkout(settings, parts, await readFields(request), buyer) };
    }
    case 'portal': {
      const { id: customer } = await customers.ensure(accountId, email);
      const session = await settings.stripe.billingPortal.sessions.create({
        customer,
        return_url: returnUrlFor(settings, request),
      });
      return { url: session.url };
    }
    case 'auto-reload':
      if (!settings.autoReload) throw new GatewayError('not_found', { message: 'Auto-reload is not offered.' });
      await autoReload.choose(accountId, email, await readFields(request));
      return (await billingState(settings, parts, accountId)).autoReload;
  }
}

/** The route is the path's last segment: nothing needs to be known of the mount. */
function routeOf({ method, path }: GatewayRequest): RouteName {
  const [plain = ''] = path.split('?');
  const name = plain.replace(/\/+$/, '').split('/').at(-1) ?? '';
  if (!Object.hasOwn(ROUTES, name)) {
    const known = Object.entries(ROUTES).map(([route, verb]) => `${verb} ${route}`);
    throw new GatewayError('not_found', { message: `Unknown route. The routes are: ${known.join(', ')}.` });
  }
  const route = name as RouteName;
  const allow = ROUTES[route];
  if (method !== allow) throw new GatewayError('method_not_allowed', { headers: { allow } });
  return route;
}

/** Who is signed in; nobody for a page of the dashboard that was loaded for another account. */
async function identify(
  { authenticate }: BillingSettings,
  request: GatewayRequest,
): Promise<{ readonly accountId: string; readonly email: string | undefined }> {
  const identity = await authenticate(request);
  if (identity === null || identity === undefined) throw notSignedIn();
  const { accountId, email } = typeof identity === 'string' ? { accountId: identity, email: undefined } : identity;
  if (typeof accountId !== 'string' || accountId === '')
    throw new TypeError('authenticate must return null, an account id, or { accountId, email }');
  if (isFromOtherAccount(request, accountId)) throw notSignedIn();
  return { accountId, email };
}

function notSignedIn(): GatewayError {
  return new GatewayError('invalid_api_key', { message: 'Sign in first.', publicCode: 'unauthenticated' });
}

async function readFields(request: GatewayRequest): Promise<Record<string, unknown>> {
  const value = await readBody(request, MAX_BODY_BYTES);
  if (!isObject(value)) throw new GatewayError('invalid_type', { message: 'The body must be a JSON object.' });
  return value;
}

/** Stripe takes absolute addresses only; a path is put on the origin that the request was checked to come from. */
function returnUrlFor({ returnUrl }: BillingSettings, request: GatewayRequest): string {
  if (!returnUrl.startsWith('/')) return returnUrl;
  const origin = headerValue(request.headers, 'origin');
  if (origin !== undefined && URL.canParse(origin)) return new URL(returnUrl, origin).href;
  if (request.raw instanceof Request) return new URL(returnUrl, request.raw.url).href;
  const host = headerValue(request.headers, 'host') ?? 'localhost';
  const isLocal = /^(localhost|127\.|\[::1\])/.test(host);
  // Each proxy appends its own; the first is the one that the customer reached.
  const forwarded = headerValue(request.headers, 'x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase();
  const proto = forwarded === 'http' || (isLocal && forwarded !== 'https') ? 'http' : 'https';
  return new URL(returnUrl, `${proto}://${host}`).href;
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): GatewayResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}
