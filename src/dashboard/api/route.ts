import type { GatewayRequest, GatewayResponse } from '../../http/exchange.js';
import type { MaybePromise } from '../../lib/maybe-promise.js';
import type { AccountNames } from '../account-names.js';
import type { DashboardGateway } from '../dashboard-gateway.js';
import type { GuessLimit } from '../guess-limit.js';
import type { Caller } from '../identity.js';
import type { DashboardSettings } from '../options.js';
import type { Playground } from '../playground.js';

/** What a route's action gets. */
export interface RouteContext {
  readonly gateway: DashboardGateway;
  readonly settings: DashboardSettings;
  readonly promoGuesses: GuessLimit;
  readonly playground: Playground;
  readonly names: AccountNames;
  readonly caller: Caller;
  readonly request: GatewayRequest;
  /** The value in place of `{id}`, decoded. */
  readonly id: string;
  readonly query: URLSearchParams;
}

/** An answer of the gateway itself, passed on as it comes. */
export class StreamAnswer {
  constructor(readonly answer: GatewayResponse) {}
}

/** A file instead of JSON. */
export class FileAnswer {
  constructor(
    readonly fileName: string,
    readonly contentType: string,
    /** The whole, or its parts as they are read. */
    readonly content: string | AsyncIterable<string>,
  ) {}
}

/**
 * One route of the JSON API. Reads are GET; writes are POST, so that a host that forwards only these two (as Next.js
 * route files often do) serves them all.
 */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Path under the mount; at most one `{id}`. */
  readonly path: string;
  /** Open to any signed-in account, or to operators only. */
  readonly access: 'account' | 'operator';
  /** What is answered as JSON, or a file. */
  readonly run: (context: RouteContext) => MaybePromise<unknown>;
}

/** A route that fits a path, and the decoded `{id}` in it. */
export interface RouteMatch {
  readonly route: Route;
  readonly id: string;
}

/** All routes whose path fits, whatever their method. */
export function matchRoutes(routes: readonly Route[], path: string): RouteMatch[] {
  const segments = path.split('/');
  return routes.flatMap((route) => {
    const id = matchPath(route.path.split('/'), segments);
    return id === undefined ? [] : [{ route, id }];
  });
}

/** The decoded `{id}`, empty for a pattern without one; undefined when the path does not fit. */
function matchPath(pattern: readonly string[], segments: readonly string[]): string | undefined {
  if (pattern.length !== segments.length) return undefined;
  let id = '';
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (expected !== '{id}') {
      if (expected !== segment) return undefined;
      continue;
    }
    const decoded = decodeSegment(segment);
    if (decoded === undefined || decoded === '') return undefined;
    id = decoded;
  }
  return id;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
