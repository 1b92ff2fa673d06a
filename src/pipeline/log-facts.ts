import type { RequestFacts } from '../meter/usage-listeners.js';

/** Who asked for what, for a log line and `onError`. */
export interface LogFacts extends Pick<RequestFacts, 'route' | 'durationMs' | 'attempts'> {
  /** Undefined: not known yet. */
  readonly accountId: string | undefined;
  readonly keyId: string | undefined;
  readonly model: string | undefined;
}
