import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.js';
import type { Gateway, GatewayResponse } from '../../src/index.js';

/** One answer, with its body as text and as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly bytes: Uint8Array;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
}

type Headers = Record<string, string | undefined>;

/** Calls a dashboard through `handle`, without any network. The header `x-account` says who is signed in. */
export function dashboardClient(gateway: Gateway, options: Partial<DashboardOptions> = {}) {
  const dashboard = createDashboard({
    gateway,
    authenticate: ({ headers }) => {
      const accountId = headers['x-account'];
      if (typeof accountId !== 'string') return null;
      return accountId === 'operator' ? { accountId, role: 'admin' } : accountId;
    },
    ...options,
  });
  async function send(method: string, path: string, headers: Headers, body = ''): Promise<Answer> {
    const response = await dashboard.handle({
      method,
      path,
      headers: { host: 'app.example', ...headers },
      body: async () => new TextEncoder().encode(body),
      signal: new AbortController().signal,
    });
    return toAnswer(response);
  }
  return {
    get: (path: string, account?: string, headers: Headers = {}) =>
      send('GET', path, { 'x-account': account, ...headers }),
    post: (path: string, account: string | undefined, body: unknown, headers: Headers = {}) =>
      send(
        'POST',
        path,
        { 'x-account': account, 'content-type': 'application/json', origin: 'https://app.example', ...headers },
        typeof body === 'string' ? body : JSON.stringify(body),
      ),
    send,
  };
}

async function toAnswer({ status, headers, body }: GatewayResponse): Promise<Answer> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : await bytesOf(body);
  const text = bytes.toString('utf8');
  return { status, headers, bytes, text, json: <T>() => JSON.parse(text) as T };
}

async function bytesOf(body: Exclude<GatewayResponse['body'], string>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  if (body instanceof Uint8Array) parts.push(body);
  else for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
