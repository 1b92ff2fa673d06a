import type { MaybePromise } from '../../lib/maybe-promise.js';
import { optionalPeer } from '../../lib/optional-peer.js';
import type { Authorize, CredentialContext } from '../http/credentials.js';

/** Who needs the packages. */
const USER = 'bedrock({ credentials })';

/** AWS credentials. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Set for temporary credentials. */
  readonly sessionToken?: string;
}

/** The argument of a credential function; the AWS SDK's credential providers read `forceRefresh`. */
export interface AwsCredentialContext extends CredentialContext<string> {
  /** True after the credentials were refused. */
  readonly forceRefresh?: boolean;
}

/** Credentials, or a function that is asked for them with every request; the AWS SDK's credential providers fit. */
export type AwsCredentialSource = AwsCredentials | ((context: AwsCredentialContext) => MaybePromise<AwsCredentials>);

/**
 * Signs requests by Signature Version 4, with `@smithy/signature-v4`. Source: AWS, "Signature Version 4 for API requests".
 *
 * Only the headers that AWS needs are signed, so that whatever stands between may change the others.
 */
export function signer(source: AwsCredentialSource, region: string): Authorize {
  return async ({ method, url, headers, body }, { accountId, model, tags = {}, now }, refused) => {
    const rejected = refused && { rejected: String(refused.secrets[0]), forceRefresh: true };
    const credentials = typeof source === 'function' ? await source({ accountId, model, tags, ...rejected }) : source;
    const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
      optionalPeer('@smithy/signature-v4', USER, () => import('@smithy/signature-v4')),
      optionalPeer('@aws-crypto/sha256-js', USER, () => import('@aws-crypto/sha256-js')),
    ]);
    const { protocol, hostname, host, pathname } = new URL(url);
    const signed = await new SignatureV4({ service: 'bedrock', region, credentials, sha256: Sha256 }).sign(
      {
        method,
        protocol,
        hostname,
        path: pathname,
        query: {},
        headers: { host, 'content-type': headers['content-type'] ?? '' },
        body,
      },
      { signingDate: new Date(now()) },
    );
    const { host: _, ...own } = signed.headers;
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const secrets = [accessKeyId, secretAccessKey, ...(sessionToken ? [sessionToken] : [])];
    return { headers: own, secrets, shared: typeof source !== 'function' };
  };
}
