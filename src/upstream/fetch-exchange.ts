import {
  TransportError,
  type TransportFault,
  type UpstreamBody,
  type UpstreamRequest,
  type UpstreamResponse,
} from './transport.js';

/** Sends one request through a `fetch` function, and answers as soon as the head of the answer is there. */
export async function fetchExchange(fetchFunction: typeof fetch, request: UpstreamRequest): Promise<UpstreamResponse> {
  const response = await attempt(fetchFunction, request);
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    headers[name] = value;
  });
  return { status: response.status, headers, body: new FetchBody(response, request.signal) };
}

async function attempt(fetchFunction: typeof fetch, request: UpstreamRequest): Promise<Response> {
  const { method, url, headers, signal, body } = request;
  try {
    return await fetchFunction(url, {
      method,
      headers,
      signal,
      redirect: 'manual',
      ...(body !== undefined && bodyInit(body)),
    });
  } catch (cause) {
    throw new TransportError(signal.aborted ? 'aborted' : faultOf(cause), cause);
  }
}

/** A body in pieces needs `duplex`. Source: the Fetch standard, `RequestInit`. */
function bodyInit(body: NonNullable<UpstreamRequest['body']>): RequestInit {
  if (typeof body === 'string') return { body };
  // Type only: our views are never backed by shared memory.
  if (body instanceof Uint8Array) return { body: body as Uint8Array<ArrayBuffer> };
  const iterator = body[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return { body: stream, ...{ duplex: 'half' } };
}

/** Failures that come before any byte was sent. Source: Node's system and TLS errors, `undici`'s errors. */
const CONNECT_CODES =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|ERR_SSL_.*|.*_SELF_SIGNED_CERT|SELF_SIGNED_CERT_.*|UNABLE_TO_.*)$/;
const TIMEOUT_CODES = /^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/;

function faultOf(thrown: unknown): TransportFault {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  if (typeof cause !== 'object' || cause === null) return 'lost';
  const { code, syscall } = cause as { readonly code?: unknown; readonly syscall?: unknown };
  if (syscall === 'connect' || syscall === 'getaddrinfo') return 'connect';
  if (typeof code !== 'string') return 'lost';
  if (TIMEOUT_CODES.test(code)) return 'timeout';
  return CONNECT_CODES.test(code) ? 'connect' : 'lost';
}

class FetchBody implements UpstreamBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #signal: AbortSignal;

  constructor(response: Response, signal: AbortSignal) {
    this.#reader = response.body?.getReader();
    this.#signal = signal;
    // Not every `fetch` ends a body whose signal is aborted.
    if (signal.aborted) this.cancel();
    else signal.addEventListener('abort', this.cancel, { once: true });
  }

  async read(): Promise<readonly Uint8Array[] | undefined> {
    try {
      const result = await this.#reader?.read();
      if (this.#signal.aborted) throw new Error('the exchange was aborted');
      if (result !== undefined && !result.done) return [result.value];
      this.#signal.removeEventListener('abort', this.cancel);
      return undefined;
    } catch (cause) {
      this.#signal.removeEventListener('abort', this.cancel);
      throw new TransportError(this.#signal.aborted ? 'aborted' : faultOf(cause), cause);
    }
  }

  readonly cancel = (): void => {
    this.#signal.removeEventListener('abort', this.cancel);
    this.#reader?.cancel().catch(() => {});
  };

  discard(): void {
    this.cancel();
  }
}
