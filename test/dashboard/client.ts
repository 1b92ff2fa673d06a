import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.js';
import type { Gateway, GatewayResponse } from '../../src/index.js';

/** One answer, with its body as text and as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
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

function toAnswer({ status, headers, body }: GatewayResponse): Answer {
  if (typeof body !== 'string') throw new Error('the dashboard answers texts');
  return { status, headers, text: body, json: <T>() => JSON.parse(body) as T };
}
