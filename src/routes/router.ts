import { GatewayError } from '../lib/errors.js';

/** A route and what the path said. */
export type Match =
  | { readonly route: 'chat/completions' | 'completions' | 'responses' | 'embeddings' }
  | { readonly route: 'models' }
  | { readonly route: 'models/{id}'; readonly id: string };

const METHODS: Readonly<Record<Match['route'], string>> = {
  'chat/completions': 'POST',
  responses: 'POST',
  embeddings: 'POST',
  completions: 'POST',
  models: 'GET',
  'models/{id}': 'GET',
};

/**
 * Finds the route of a path, whatever the mount is, with or without a `v1/` before it.
 *
 * @throws {GatewayError} `not_found` that names the routes there are, or `method_not_allowed` with `allow`.
 */
export function matchRoute(method: string, path: string): Match {
  const match = matchPath(path);
  if (!match) {
    const known = Object.entries(METHODS).map(([route, verb]) => `${verb} /${route}`);
    throw new GatewayError('not_found', { message: `Unknown route. The routes are: ${known.join(', ')}.` });
  }
  const allowed = METHODS[match.route];
  if (method !== allowed && !(method === 'HEAD' && allowed === 'GET')) {
    const allow = allowed === 'GET' ? 'GET, HEAD, OPTIONS' : `${allowed}, OPTIONS`;
    throw new GatewayError('method_not_allowed', { message: `Use ${allowed} for this route.`, headers: { allow } });
  }
  return match;
}

/** The methods of a path, for OPTIONS. @throws {GatewayError} `not_found`. */
export function allowedMethods(path: string): string {
  const match = matchPath(path);
  if (!match) throw new GatewayError('not_found', { message: 'Unknown route.' });
  return METHODS[match.route] === 'GET' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS';
}

/** The longer one first: it ends like the shorter one. */
const PLAIN_ROUTES = ['chat/completions', 'completions', 'responses', 'embeddings', 'models'] as const;

/** How nearly all requests name their route. */
const USUAL_PATHS = new Map<string, Match>(
  PLAIN_ROUTES.flatMap((route) => [[`/${route}`, { route }] as const, [`/v1/${route}`, { route }] as const]),
);

/** Adapters do not always know the mount, so the route is found at the path's end. */
function matchPath(path: string): Match | undefined {
  const usual = USUAL_PATHS.get(path);
  if (usual) return usual;
  const query = path.indexOf('?');
  const plain = `/${(query === -1 ? path : path.slice(0, query)).replace(/^\/|\/$/g, '')}`;
  if (!/\/v1\/models\/./.test(plain))
    for (const route of PLAIN_ROUTES) if (plain.endsWith(`/${route}`)) return { route };
  const start = startOfModel(plain);
  const id = start === -1 ? undefined : decodeOnce(plain.slice(start));
  return id === undefined ? undefined : { route: 'models/{id}', id };
}

/** Clients that do not escape the slash in a model id make it a part of the path; then the version tells where it begins. */
function startOfModel(path: string): number {
  const versioned = path.lastIndexOf('/v1/models/');
  if (versioned !== -1) return versioned + '/v1/models/'.length;
  const first = path.indexOf('/models/');
  return first === -1 ? -1 : first + '/models/'.length;
}

/** Model ids may hold a slash, which clients send as `%2F`. */
function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
