import { aFunction, anything, type Check, checkGiven } from '../lib/option-checks.js';
import { waitProblem } from '../lib/timers.js';
import type { GatewayEvent } from './notifications.js';

export interface SignedWebhookOptions {
  /** Where events are posted to. */
  readonly url: string;
  /** `whsec_` and the base64 of at least 24 bytes, as the receiver has it. */
  readonly secret: string;
  /** @default `fetch` */
  readonly fetch?: typeof fetch;
  /** @default 15,000 */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

const OPTIONS = {
  url: anything,
  secret: anything,
  fetch: aFunction,
  timeoutMs: waitProblem,
  now: aFunction,
} satisfies Record<keyof SignedWebhookOptions, Check>;

const PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;

/**
 * A handler for `on` that posts each event as JSON, signed by the Standard Webhooks specification: the headers
 * `webhook-id`, `webhook-timestamp` and `webhook-signature` (`v1,` and HMAC-SHA-256 of `id.timestamp.body`). Any answer but
 * a 2xx makes it reject, so that the event is delivered again with the same id.
 *
 * Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
 *
 * @throws {TypeError} at once for a URL that is not http(s), a malformed secret, and for options that are unknown or malformed.
 */
export function signedWebhook(options: SignedWebhookOptions): (event: GatewayEvent) => Promise<void> {
  checkGiven('signedWebhook', options, OPTIONS);
  const { fetch: send = fetch, timeoutMs = 15_000, now = Date.now } = options;
  const url = readUrl(options.url);
  const secret = readSecret(options.secret);
  let key: Promise<CryptoKey> | undefined;
  return async (event) => {
    key ??= crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const body = JSON.stringify(event);
    const timestamp = String(Math.floor(now() / 1_000));
    const signature = await crypto.subtle.sign('HMAC', await key, encode(`${event.id}.${timestamp}.${body}`));
    const response = await send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': event.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${Buffer.from(signature).toString('base64')}`,
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function readUrl(url: unknown): string {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed.href;
  throw new TypeError('signedWebhook: url must be an http or https address');
}

function readSecret(secret: unknown): Uint8Array<ArrayBuffer> {
  const text = typeof secret === 'string' && secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : undefined;
  const bytes = text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  if (bytes && bytes.length >= MIN_SECRET_BYTES) return new Uint8Array(bytes);
  throw new TypeError(`signedWebhook: secret must be '${PREFIX}' and the base64 of at least ${MIN_SECRET_BYTES} bytes`);
}
