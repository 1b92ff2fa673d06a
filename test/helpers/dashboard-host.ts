import express from 'express';
import helmet from 'helmet';
import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.js';
import type { ExchangeHandler } from '../../src/http/exchange.js';
import { toExpressHandler } from '../../src/http/express.js';
import type { Gateway } from '../../src/index.js';
import { listen } from './listen.js';

export interface DashboardHost {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * An Express app as a customer would write it: helmet with its defaults, a session cookie, gateway and dashboard.
 * `/login?as=alice` signs in; the account `operator` is an operator.
 *
 * @param mounts what else the app mounts, by path.
 */
export async function startDashboardHost(
  gateway: Gateway,
  options: Partial<DashboardOptions> = {},
  mounts: Readonly<Record<string, ExchangeHandler>> = {},
): Promise<DashboardHost> {
  const app = express();
  app.use(helmet());
  app.get('/login', (req, res) => {
    res.cookie('session', String(req.query['as'] ?? ''), { httpOnly: true, sameSite: 'lax' });
    res.redirect('/dashboard');
  });
  app.get('/app', (_req, res) => void res.type('html').send('<!doctype html><title>Acme</title>'));
  app.use('/v1', toExpressHandler(gateway));
  const dashboard = createDashboard({ gateway, authenticate: fromCookie, title: 'Acme AI', ...options });
  app.use('/dashboard', toExpressHandler(dashboard));
  for (const [path, handler] of Object.entries(mounts)) app.use(path, toExpressHandler(handler));
  const { origin, close } = await listen(app);
  return { url: origin, close };
}

/** Who is signed in by `/login`. */
export const fromCookie: DashboardOptions['authenticate'] = ({ headers }) => {
  const accountId = /(?:^|; )session=([^;]+)/.exec(String(headers['cookie'] ?? ''))?.[1];
  if (!accountId) return null;
  return accountId === 'operator' ? { accountId, role: 'admin' } : decodeURIComponent(accountId);
};
