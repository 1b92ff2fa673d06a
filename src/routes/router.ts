import type { RequestHeaders } from '../http/exchange.js';
import { GatewayError } from '../lib/errors.js';
import type { ClientFormat, Route, RouteParams } from '../pipeline/route.js';

/** A route and what its path said. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: RouteParams;
}

/** Finds the route of a request. */
export interface Router {
  /**
   * The route of a path, whatever the mount is, with or without a version (`v1/`, `v1beta/`) before it; undefined for a path
   * that no route has.
   *
   * @throws {GatewayError} `method_not_allowed` with `allow`.
   */
  match(method: string, path: string, headers: RequestHeaders): RouteMatch | undefined;
  /** The methods of a path, for OPTIONS. @throws {GatewayError} `not_found`. */
  allowedMethods(path: string): string;
  /** The format of an error on an unknown route: that of the most likely client. */
  formatOf(headers: RequestHeaders): ClientFormat;
}

const NO_PARAMS: RouteParams = Object.freeze({});

/** Makes a router of a table. Rows with the same method and path are tried in the table's order. */
export function routerOf(routes: readonly Route[], fallback: ClientFormat): Router {
  const patterns = patternsOf(routes);
  const usual = usualPaths(patterns);
  const formats = [...new Set(routes.map(({ format }) => format))];

  function find(path: string): PathMatch[] {
    const found = usual.get(path);
    return found ?? matchPath(patterns, path);
  }

  return {
    match(method, path, headers) {
      const found = find(path);
      const wanted = method === 'HEAD' ? ['HEAD', 'GET'] : [method];
      for (const name of wanted) {
        for (const { rows, params } of found) {
          const route = rows.find((row) => row.method === name && (row.accepts?.(headers, path) ?? true));
          if (route) return { route, params };
        }
      }
      const others = found.filter(({ rows }) => rows[0]?.path !== ROOT);
      if (others.length === 0 || isUnknownVerb(method, others)) return undefined;
      throw wrongMethod(others);
    },
    allowedMethods(path) {
      const found = find(path);
      if (found.length === 0) throw new GatewayError('not_found', { message: 'Unknown route.' });
      return methodsOf(found);
    },
    formatOf: (headers) => formats.find((format) => format.speaks?.(headers)) ?? fallback,
  };
}

/** The path of the mount itself. */
const ROOT = '';
const VERSIONS = ['/v1', '/v1beta'];

/** The rows of one path. */
interface Pattern {
  readonly rows: readonly Route[];
  /** The path, or what comes before its parameter, with slashes around it. */
  readonly start: string;
  /** Undefined for a plain path. */
  readonly param: { readonly name: string; readonly suffix: string } | undefined;
}

interface PathMatch {
  readonly rows: readonly Route[];
  readonly params: RouteParams;
}

/** Longer ones first, because they end like the shorter ones. */
function patternsOf(routes: readonly Route[]): Pattern[] {
  const paths = [...new Set(routes.map(({ path }) => path))].sort((a, b) => b.length - a.length);
  return paths.map((path) => {
    const rows = routes.filter((route) => route.path === path);
    const parameter = /^(.*)\{(\w+)\}(:\w+)?$/.exec(path);
    if (!parameter) return { rows, start: `/${path}`, param: undefined };
    const [, start = '', name = '', suffix = ''] = parameter;
    return { rows, start: `/${start}`, param: { name, suffix } };
  });
}

/** The paths by which nearly all requests name a route without parameters. */
function usualPaths(patterns: readonly Pattern[]): Map<string, PathMatch[]> {
  const paths = new Map<string, PathMatch[]>();
  for (const { rows, start, param } of patterns) {
    if (param) continue;
    for (const path of [start, `/v1${start}`]) paths.set(path, [{ rows, params: NO_PARAMS }]);
  }
  return paths;
}

/** Adapters do not always know the mount, so the route is found at the path's end. */
function matchPath(patterns: readonly Pattern[], path: string): PathMatch[] {
  const query = path.indexOf('?');
  // A base URL that ends in a slash leads to double slashes.
  const plain = `/${(query === -1 ? path : path.slice(0, query)).replace(/\/{2,}/g, '/').replace(/^\/|\/$/g, '')}`;
  const withParams = patterns.flatMap((pattern) => matchParameter(pattern, plain) ?? []);
  // After a version a parameter takes all the rest, also where it ends like another route.
  const versioned = withParams.filter((match) => match.versioned);
  if (versioned.length > 0) return versioned;
  const exact = patterns.find(({ start, param }) =>
    start === '/' ? plain === start || VERSIONS.includes(plain) : !param && plain.endsWith(start),
  );
  return exact ? [{ rows: exact.rows, params: NO_PARAMS }] : withParams;
}

/** Clients that do not escape the slash in an id make it a part of the path; then the version shows where it begins. */
function matchParameter(
  { rows, start, param }: Pattern,
  path: string,
): (PathMatch & { readonly versioned: boolean }) | undefined {
  if (!param || !path.endsWith(param.suffix)) return undefined;
  let from = -1;
  for (const version of VERSIONS) {
    const at = path.lastIndexOf(version + start);
    if (at !== -1) from = Math.max(from, at + version.length + start.length);
  }
  const versioned = from !== -1;
  if (!versioned) {
    const at = path.indexOf(start);
    if (at === -1) return undefined;
    from = at + start.length;
  }
  const value = decodeOnce(path.slice(from, path.length - param.suffix.length));
  return value ? { rows, params: { [param.name]: value }, versioned } : undefined;
}

/** Ids may hold a slash, which clients send as `%2F`. */
function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function methodsOf(found: readonly PathMatch[]): string {
  const methods = new Set<string>();
  for (const { rows } of found) {
    for (const { method } of rows) {
      methods.add(method);
      if (method === 'GET') methods.add('HEAD');
    }
  }
  return [...methods, 'OPTIONS'].join(', ');
}

/** `POST models/x:predict` is not a wrong method of `models/{id}`, though an id may hold a colon or a slash. */
function isUnknownVerb(method: string, found: readonly PathMatch[]): boolean {
  return method === 'POST' && found.every(({ params }) => Object.values(params).some((value) => /[:/]/.test(value)));
}

function wrongMethod(found: readonly PathMatch[]): GatewayError {
  const methods = [...new Set(found.flatMap(({ rows }) => rows.map(({ method }) => method)))];
  const message = `Use ${methods.join(' or ')} for this route.`;
  return new GatewayError('method_not_allowed', { message, headers: { allow: methodsOf(found) } });
}
