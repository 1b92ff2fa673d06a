import type { ReadEvents } from '../../upstream/sse-reader.js';
import type { Authorize } from './credentials.js';

/** Another form of a stream than server-sent events. */
export interface EventFormat {
  /** What the request accepts. */
  readonly mediaType: string;
  readonly reader: () => Promise<ReadEvents>;
}

/** Where and as whom to call. */
export interface Endpoint {
  /** Without a trailing slash. */
  readonly baseURL: string;
  /** Makes the URL of a request from its path, for APIs whose URL contains the model. Default: base URL and path. */
  readonly toUrl?: ((path: string, model: string) => string) | undefined;
  /** Credentials and fixed headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** What streams are read with where they are not server-sent events; loaded with the first one. */
  readonly events?: EventFormat | undefined;
  /** Makes the credential of each request, where it is not among the headers. */
  readonly authorize?: Authorize | undefined;
}
