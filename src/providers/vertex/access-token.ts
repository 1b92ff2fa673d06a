import type { GoogleAuthOptions } from 'google-auth-library';
import type { MaybePromise } from '../../lib/maybe-promise.js';
import { optionalPeer } from '../../lib/optional-peer.js';
import type { CredentialContext } from '../http/credentials.js';

/** The content of a credentials file: a service account, a workload identity, a user. */
export type CredentialsFile = NonNullable<GoogleAuthOptions['credentials']>;

/** Anything of `google-auth-library` that makes access tokens: a `GoogleAuth`, a `JWT`, an `Impersonated`, … */
export interface TokenMaker {
  getAccessToken(): Promise<string | null | undefined | { readonly token?: string | null }>;
}

export type GoogleCredentials = CredentialsFile | TokenMaker;

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * Access tokens out of credentials, cached and renewed by `google-auth-library`; without credentials, the environment's own
 * (Application Default Credentials).
 */
export function accessTokens(
  credentials: GoogleCredentials | undefined,
): (context: CredentialContext) => MaybePromise<string> {
  let maker: MaybePromise<TokenMaker> | undefined;
  let last: string | undefined;
  return async ({ rejected }) => {
    // A token can be revoked before its time; the library would return it from its cache.
    if (rejected !== undefined && rejected === last) maker = undefined;
    // Not before the first request: nobody would be there to hear that the package is missing, and the process would end.
    maker ??= makerOf(credentials);
    const made = await (await maker).getAccessToken();
    const token = typeof made === 'string' ? made : made?.token;
    if (!token) throw new Error('google-auth-library made no access token');
    last = token;
    return token;
  };
}

function makerOf(credentials: GoogleCredentials | undefined): MaybePromise<TokenMaker> {
  if (credentials && 'getAccessToken' in credentials) return credentials as TokenMaker;
  const loading = optionalPeer('google-auth-library', 'vertex() without a token', () => import('google-auth-library'));
  return loading.then(({ GoogleAuth }) => new GoogleAuth({ scopes: [SCOPE], ...(credentials && { credentials }) }));
}
