import { type Transport, TransportError, type UpstreamBody, type UpstreamRequest } from './transport.js';

/**
 * Sends requests through a `fetch` function: the transport for other runtimes, proxies, and tests.
 *
 * Node's own `fetch` gives up after 300 s without an answer; pass one with an `Agent` of the same `undici` for longer.
 */
export function fetchTransport(fetchFunction: typeof fetch): Transport {
  return {
    async send(request) {
      const response = await attempt(fetchFunction, request);
      const headers: Record<string, string> = {};
      response.headers.forEach((value, name) => {
        headers[name] = value;
      });
      return { status: response.status, headers, body: fetchBody(response) };
    },
  };
}

async function attempt(fetchFunction: typeof fetch, request: UpstreamRequest): Promise<Response> {
  const { method, url, headers, signal, body } = request;
  try {
    return await fetchFunction(url, {
      method,
      headers,
      signal,
      redirect: 'manual',
      // A view of shared memory is no body; none of ours is one.
      ...(body !== undefined && { body: body as string | Uint8Array<ArrayBuffer> }),
    });
  } catch (cause) {
    if (signal.aborted) throw new TransportError('aborted', cause);
    throw new TransportError(isConnectFailure(cause) ? 'connect' : 'lost', cause);
  }
}

/** System errors that come before any byte was sent. */
const CONNECT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
]);

function isConnectFailure(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && CONNECT_CODES.has(code);
}

function fetchBody(response: Response): UpstreamBody {
  const reader = response.body?.getReader();
  const cancel = () => {
    reader?.cancel().catch(() => {});
  };
  return {
    async read() {
      try {
        const result = await reader?.read();
        return result === undefined || result.done ? undefined : [result.value];
      } catch (cause) {
        throw new TransportError('lost', cause);
      }
    },
    cancel,
    discard: cancel,
  };
}
