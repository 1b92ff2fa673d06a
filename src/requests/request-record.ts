import type { NanoUsd } from '../lib/money.js';
import type { Usage } from '../lib/usage.js';

/** One try at one target. */
export interface AttemptRecord {
  /** The provider's name in the gateway's options. */
  readonly provider: string;
  /** The model that the provider was asked for. */
  readonly model: string;
  readonly durationMs: number;
  /** HTTP status of the provider's answer; null: there was none. */
  readonly status: number | null;
  /** Why it failed: `connect`, `timeout`, `status`, `auth`, …; null: it did not. */
  readonly fault: string | null;
  /** What the provider said about it, without secrets and host names. */
  readonly message: string | null;
  /** The provider's own id of the request, to ask its support with. */
  readonly providerRequestId: string | null;
}

/** How a request came to the gateway. */
export type RequestOrigin = 'key' | 'session' | 'app' | 'host';

/**
 * One request, from the moment that its account was known to its end: answered, refused or failed.
 *
 * Plain data: it is kept as JSON. Prompts and answers are in it only where `requestLog.bodies` asks for them.
 */
export interface RequestRecord {
  /** The `x-request-id` of the answer. */
  readonly id: string;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  readonly accountId: string;
  /** Null: the request came without a key. */
  readonly keyId: string | null;
  readonly via: RequestOrigin;
  readonly endUser: string | null;
  readonly session: string | null;
  readonly tags: Readonly<Record<string, string>> | null;
  /** `chat/completions`, `responses`, `messages`, … */
  readonly route: string;
  readonly stream: boolean;
  /** The model that the client asked for; null: the body was never read. */
  readonly model: string | null;
  /** Who answered, or who was asked last; null: nobody was asked. */
  readonly provider: string | null;
  readonly upstreamModel: string | null;
  readonly providerRequestId: string | null;
  readonly attempts: readonly AttemptRecord[];
  /** HTTP status of the answer. 499: the client left before it. */
  readonly status: number;
  /** The error's code and text as the client saw them; null: there was none. */
  readonly code: string | null;
  readonly message: string | null;
  /** How it ended; null: it was refused before anybody was asked. */
  readonly outcome: string | null;
  readonly durationMs: number;
  /** From arrival to the first text of a stream; null for whole answers, and for streams without any. */
  readonly firstTokenMs: number | null;
  readonly usage: Usage | null;
  readonly cost: NanoUsd;
  /** Request fields that were left out. */
  readonly dropped: readonly string[];
  /** The bodies, as text, where they are kept. */
  readonly requestBody?: string;
  readonly answerBody?: string;
}

/** A record as text. */
export function recordToJson(record: RequestRecord): string {
  return JSON.stringify({ ...record, cost: record.cost.toString() });
}

/** The inverse of `recordToJson`. */
export function recordFromJson(json: string): RequestRecord {
  const { cost, ...rest } = JSON.parse(json) as Omit<RequestRecord, 'cost'> & { readonly cost: string };
  return { ...rest, cost: BigInt(cost) };
}
