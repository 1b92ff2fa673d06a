import type { AdmitRequest, LimitSubject } from '../../limits/rate-limiter.js';
import { placesOf } from './running-places.js';

/** What names the keys of a request. */
type Named = Pick<AdmitRequest, 'group' | 'subjects' | 'id'>;

/** The keys of one decision: the request's mark, then the buckets and the running requests of each subject. */
export function keysOf(prefix: string, request: Named): string[] {
  const tag = tagOf(prefix, request);
  const buckets = request.subjects.flatMap(({ subject }) => [`${tag}:${subject}`, `${tag}:${subject}:leases`]);
  return [markOf(prefix, request), ...buckets];
}

/** The keys by which a request's places are renewed: its mark, then the running requests of each subject with such a limit. */
export function placeKeysOf(prefix: string, request: Named): string[] {
  const tag = tagOf(prefix, request);
  return [markOf(prefix, request), ...placesOf(request).map((subject) => `${tag}:${subject}:leases`)];
}

/** The limits of each subject, in the order that the scripts read; 0: no such limit. */
export function limitsOf(subjects: readonly LimitSubject[]): number[] {
  return subjects.flatMap(({ limits }) => [
    limits.requestsPerMinute ?? 0,
    limits.tokensPerMinute ?? 0,
    limits.concurrentRequests ?? 0,
  ]);
}

function markOf(prefix: string, request: Named): string {
  return `${tagOf(prefix, request)}:request:${request.id}`;
}

/** A brace in a group would end the hash tag early. */
function tagOf(prefix: string, { group }: Named): string {
  return `${prefix}:{${encodeURIComponent(group)}}`;
}
