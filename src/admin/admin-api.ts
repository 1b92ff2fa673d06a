import { readBody } from '../dashboard/api/body.js';
import { checkWrite } from '../dashboard/security.js';
import type { Gateway } from '../gateway.js';
import { type ExchangeHandler, type GatewayRequest, type GatewayResponse, headerValue } from '../http/exchange.js';
import { pathOfUrl } from '../http/paths.js';
import { fromWebRequest, toWebResponse } from '../http/web.js';
import { errorBody, GatewayError, toGatewayError } from '../lib/errors.js';
import { isObject } from '../lib/is-object.js';
import { consoleLogger, describeFault, type Logger } from '../lib/logger.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { anything, type Check, checkGiven, methods, origins } from '../lib/option-checks.js';
import { readFields, readQuery } from './input.js';
import { openApiDocument } from './open-api.js';
import { type AdminOperation, LinesAnswer, type OperationInput } from './operation.js';
import { OPERATIONS } from './operations.js';
import type { OperatorIdentity } from './operator-keys.js';

/** Options of `createAdminApi`. */
export interface AdminApiOptions {
  readonly gateway: Gateway;
  /**
   * Decides whether a request comes from an operator: `{ operator }` with the host's own id of who it is, or true; false,
   * null or undefined for anybody else. Changes by a named operator are recorded in the audit log, `gateway.changes`.
   * Called
   * for every request. `operatorKeys(…)` makes one for keys; `request.raw` is the host framework's own request, for
   * sessions. A throw answers 500.
   */
  readonly authenticate: (request: GatewayRequest) => MaybePromise<OperatorIdentity | null | undefined>;
  /** Origins besides the request's own host whose pages may send writes with a session. @default [] */
  readonly allowedOrigins?: readonly string[];
  /** Receives every error answered with status 500. @default warnings and errors on the console */
  readonly logger?: Logger;
}

const OPTIONS = {
  gateway: anything,
  authenticate: anything,
  allowedOrigins: origins,
  logger: methods(['debug', 'info', 'warn', 'error']),
} satisfies Record<keyof AdminApiOptions, Check>;

/** A mountable admin API. */
export interface AdminApi extends ExchangeHandler {
  /** The same for runtimes with web requests; works under any mount path. */
  readonly fetch: (request: Request) => Promise<Response>;
}

/**
 * The management of a gateway over HTTP, for operators: mount it like the gateway itself,
 * `app.use('/admin', toExpressHandler(createAdminApi({ gateway, authenticate })))`.
 *
 * `openapi.json` below the mount describes it. A write without an `Authorization` header counts as made with a
 * session, and must come from a page of the same site.
 *
 * @throws {TypeError} for options that are missing or unknown.
 */
export function createAdminApi(options: AdminApiOptions): AdminApi {
  checkGiven('createAdminApi', options, OPTIONS);
  if (typeof options.gateway?.keys !== 'object') throw new TypeError('createAdminApi: gateway is missing');
  if (typeof options.authenticate !== 'function')
    throw new TypeError('createAdminApi: authenticate must be a function');
  const { logger = consoleLogger } = options;
  async function handle(request: GatewayRequest): Promise<GatewayResponse> {
    try {
      return await answer(options, request);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.status >= 500) {
        logger.error(
          { path: request.path.split('?')[0], fault: describeFault(error) },
          'the admin API could not answer',
        );
      }
      return json(error.status, errorBody(error), error.headers);
    }
  }
  return {
    handle,
    async fetch(request) {
      return toWebResponse(await handle(fromWebRequest(request, pathAfterMount(request.url))), request.method);
    },
  };
}

async function answer(options: AdminApiOptions, request: GatewayRequest): Promise<GatewayResponse> {
  const [path = '', search = ''] = splitQuery(request.path);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== 'GET' && headerValue(request.headers, 'authorization') === undefined) {
    checkWrite(request, { allowedOrigins: options.allowedOrigins ?? [], logger: options.logger ?? consoleLogger });
  }
  const identity = await options.authenticate(request);
  const operator = isObject(identity) ? identity.operator : undefined;
  if (identity !== true && typeof operator !== 'string') throw unauthenticated();
  if (path === '/openapi.json' && method === 'GET') return json(200, openApiDocument());
  const matches = matchesOf(path);
  const match = matches.find(({ operation }) => operation.method === method);
  if (!match) throw matches.length === 0 ? new GatewayError('not_found') : notAllowed(matches);
  const { operation, id } = match;
  const query = readQuery(operation, new URLSearchParams(search));
  const body = operation.body ? readFields(operation, await readBody(request)) : {};
  const input = { id, query, body };
  const result = await operation.run(options.gateway, input);
  if (operator !== undefined) await noteChange(options, operation, operator, input, result);
  if (result instanceof LinesAnswer) return lines(result);
  return json(200, result ?? {});
}

/** Records what a named operator has done. The change has been made by then, so a failure is only logged. */
async function noteChange(
  { gateway, logger = consoleLogger }: AdminApiOptions,
  { name, note }: AdminOperation,
  operator: string,
  input: OperationInput,
  result: unknown,
): Promise<void> {
  if (!note) return;
  try {
    await gateway.changes.record({ operator, ...note(input, result) });
  } catch (thrown) {
    logger.error({ operator, operation: name, fault: describeFault(thrown) }, 'a change could not be noted');
  }
}

interface Match {
  readonly operation: AdminOperation;
  readonly id: string;
}

function matchesOf(path: string): Match[] {
  return OPERATIONS.flatMap((operation) => {
    const pattern = new RegExp(`^${operation.path.replace('{id}', '([^/]+)')}/?$`);
    const found = pattern.exec(path);
    return found ? [{ operation, id: decoded(found[1] ?? '') }] : [];
  });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new GatewayError('not_found');
  }
}

/** The path below the mount when the host does not say where that ends: the longest end of it that is a path of this API. */
function pathAfterMount(url: string): string {
  const [path = '', search] = splitQuery(pathOfUrl(url));
  const segments = path.split('/').slice(1);
  for (let start = 0; start < segments.length; start++) {
    const rest = `/${segments.slice(start).join('/')}`;
    if (rest === '/openapi.json' || matchesOf(rest).length > 0) return search ? `${rest}?${search}` : rest;
  }
  return '/';
}

function splitQuery(path: string): [string, string] {
  const at = path.indexOf('?');
  return at === -1 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)];
}

function unauthenticated(): GatewayError {
  return new GatewayError('invalid_api_key', {
    message: 'This needs an operator.',
    publicCode: 'unauthenticated',
    headers: { 'www-authenticate': 'Bearer' },
  });
}

function notAllowed(matches: readonly Match[]): GatewayError {
  const allow = [...new Set(matches.map(({ operation }) => operation.method))].join(', ');
  return new GatewayError('method_not_allowed', { headers: { allow } });
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

function json(status: number, value: unknown, headers: Record<string, string> = {}): GatewayResponse {
  return {
    status,
    headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

function lines(answer: LinesAnswer): GatewayResponse {
  return {
    status: 200,
    headers: { ...HEADERS, 'content-type': 'application/jsonl; charset=utf-8' },
    body: encoded(answer.lines),
  };
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const line of texts) yield encoder.encode(`${line}\n`);
}
