import type { ExchangeHandler, GatewayRequest, GatewayResponse } from '../http/exchange.js';
import { fromWebRequest, toWebResponse } from '../http/web.js';
import { GatewayError, toGatewayError } from '../lib/errors.js';
import { describeFault } from '../lib/logger.js';
import { AccountNames } from './account-names.js';
import { asset, download, failure, html, json, redirect, stream } from './answers.js';
import { describeSession } from './api/account.js';
import { FileAnswer, matchRoutes, type RouteContext, StreamAnswer } from './api/route.js';
import { ROUTES } from './api/routes.js';
import { GuessLimit } from './guess-limit.js';
import { pageHtml, signInHtml } from './html.js';
import { Callers, unauthenticated } from './identity.js';
import { type DashboardOptions, readOptions } from './options.js';
import { script, start, styles } from './page-assets.js';
import { placeOf } from './pages.js';
import { Playground } from './playground.js';
import { checkWrite, isFileOfOtherAccount, isFromOtherAccount } from './security.js';
import { type Theme, themeOf } from './theme.js';
import { pathAfterMount } from './web-path.js';

/** A mountable dashboard. */
export interface Dashboard extends ExchangeHandler {
  /** The same for runtimes with web requests; works under any mount path. */
  readonly fetch: (request: Request) => Promise<Response>;
}

/**
 * A dashboard for the accounts of a gateway, mounted like the gateway itself:
 * `app.use('/dashboard', toExpressHandler(createDashboard({ gateway, authenticate })))`.
 *
 * Serves the page at the mount and its JSON API below `api/`; every answer is bound to the account that
 * `authenticate` names.
 *
 * @throws {TypeError} that lists every problem of the options; `authenticate` is required.
 */
export function createDashboard(options: DashboardOptions): Dashboard {
  const settings = readOptions(options);
  const parts = {
    settings,
    callers: new Callers(settings),
    theme: settings.accent === undefined ? undefined : themeOf(settings.accent),
    playground: new Playground(settings.gateway, Date.now),
    promoGuesses: new GuessLimit(Date.now),
    names: new AccountNames(settings.gateway),
  };
  async function handle(request: GatewayRequest): Promise<GatewayResponse> {
    try {
      return await answer(parts, request);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.status === 500) {
        const fields = { path: request.path.split('?')[0], fault: describeFault(error) };
        settings.logger.error(fields, 'the dashboard could not answer');
      }
      return failure(error);
    }
  }
  return {
    handle,
    async fetch(request) {
      return toWebResponse(await handle(fromWebRequest(request, pathAfterMount(request.url))), request.method);
    },
  };
}

/** What one dashboard is made of. */
interface Parts extends Pick<RouteContext, 'settings' | 'promoGuesses' | 'playground' | 'names'> {
  readonly callers: Callers;
  readonly theme: Theme | undefined;
}

async function answer(parts: Parts, request: GatewayRequest): Promise<GatewayResponse> {
  const [path = '', search = ''] = splitOnce(request.path, '?');
  const local = path.replace(/^\/+/, '');
  if (local.startsWith('api/')) return answerApi(parts, request, local, new URLSearchParams(search));
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed('GET');
  for (const { name, content } of [start, script])
    if (local === name) return asset('text/javascript; charset=utf-8', content);
  if (local === styles.name) return asset('text/css; charset=utf-8', styles.content);
  if (local === parts.theme?.name) return asset('text/css; charset=utf-8', parts.theme.content);
  if (local === '') return answerPage(parts, request);
  const place = placeOf(local);
  if (place !== undefined) return redirect(place);
  throw new GatewayError('not_found');
}

async function answerPage({ settings, callers, theme }: Parts, request: GatewayRequest): Promise<GatewayResponse> {
  const caller = await callers.identify(request);
  if (caller) {
    const page = { title: settings.title, base: mountFromPage(request), theme: theme?.name, serverTime: Date.now() };
    return html(200, pageHtml({ ...page, session: describeSession(settings, caller) }));
  }
  return settings.loginUrl ? redirect(settings.loginUrl) : html(401, signInHtml(settings.title));
}

async function answerApi(
  parts: Parts,
  request: GatewayRequest,
  path: string,
  query: URLSearchParams,
): Promise<GatewayResponse> {
  const { settings } = parts;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== 'GET') checkWrite(request, settings);
  const caller = await parts.callers.identify(request);
  if (!caller || isFromOtherAccount(request, caller.accountId)) throw unauthenticated();
  if (isFileOfOtherAccount(query, caller.accountId)) throw unauthenticated();
  const matches = matchRoutes(ROUTES, path);
  const match = matches.find(({ route }) => route.method === method);
  if (!match) throw matches.length === 0 ? new GatewayError('not_found') : methodNotAllowed(allowed(matches));
  if (match.route.access === 'operator' && !caller.admin) throw new GatewayError('forbidden');
  if (match.route.access === 'operator' && method !== 'GET')
    settings.logger.info({ operator: caller.accountId, path }, 'an operator changed something');
  const result = await match.route.run({
    ...parts,
    gateway: settings.gateway,
    caller,
    request,
    id: match.id,
    query,
  });
  if (result instanceof FileAnswer) return download(result);
  return result instanceof StreamAnswer ? stream(result) : json(200, result);
}

/**
 * The mount relative to the page's address. Without a trailing slash the browser resolves links beside the mount, so
 * its last segment comes first; a redirect to the slash would loop in Next.js, which redirects the other way.
 */
function mountFromPage({ originalPath }: GatewayRequest): string {
  const path = originalPath?.split('?')[0] ?? '/';
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last === '' ? './' : `./${last}/`;
}

function allowed(matches: readonly { readonly route: { readonly method: string } }[]): string {
  return [...new Set(matches.map(({ route }) => route.method))].join(', ');
}

function methodNotAllowed(allow: string): GatewayError {
  return new GatewayError('method_not_allowed', { headers: { allow } });
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
