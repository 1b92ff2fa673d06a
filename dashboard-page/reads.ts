import { KEY_ORDERS, KEY_STATES, type KeyOrder, type KeyState } from '../src/dashboard/key-views.js';
import { apiUrl } from './api-url.js';
import { now } from './clock.js';
import type { Place } from './place.js';
import { readPreferences } from './preferences.js';
import { requestFilterOf } from './requests/request-filter.js';
import { type Range, rangeOf } from './usage/range.js';

/** Groups of a usage report with a color of their own. */
export const MOST_COLORS = 10;
const REPORTS = { own: 'usage/report', operator: 'operator/usage/report' } as const;

/** Of which page a usage report is. */
export type ReportScope = keyof typeof REPORTS;

/** The URL of a usage report. */
export function reportUrl(
  scope: ReportScope,
  { from, to, unit }: Range,
  group: string,
  only: Readonly<Record<string, string>> = {},
): string {
  return apiUrl(REPORTS[scope], { from, to, unit, group, top: MOST_COLORS, ...only });
}

/** The URL of a page of requests, or of the file of all that the address narrows them to. */
export function requestsUrl(path: string, { query }: Place): string {
  return apiUrl(path, { ...requestFilterOf(query), before: query.get('before') ?? undefined });
}

/** Which keys an address asks for. */
export function keySelectionOf({ query }: Place): { search: string | undefined; sort: KeyOrder; state: KeyState } {
  return {
    search: query.get('search')?.trim() || undefined,
    sort: KEY_ORDERS.find((order) => order === query.get('sort')) ?? 'created',
    state: KEY_STATES.find((state) => state === query.get('state')) ?? 'live',
  };
}

/** The URL of a page of keys. */
export function keysUrl(place: Place): string {
  const page = Math.trunc(Number(place.query.get('page')));
  const selection = keySelectionOf(place);
  const language = selection.sort === 'name' ? readPreferences().language : undefined;
  return apiUrl('keys', { ...selection, page: page > 0 ? Math.min(page, 10_000) : undefined, language });
}

/** The URL of a page of promo codes. */
export function promoCodesUrl({ query }: Place): string {
  return apiUrl('operator/promo-codes', { before: query.get('before') ?? undefined });
}

/** The URL of a page of changes by operators. */
export function changesUrl({ query }: Place): string {
  return apiUrl('operator/changes', {
    accountId: query.get('accountId') ?? undefined,
    before: query.get('before') ?? undefined,
  });
}

export const keyUrl = (id: string) => apiUrl(`keys/${encodeURIComponent(id)}`);
export const latestEventsUrl = () => apiUrl('usage/events', { limit: 20 });
export const monthUrl = (month: string) => apiUrl('credits/month', { month });
export const thisMonth = () => new Date(now()).toISOString().slice(0, 7);
export const overviewUrl = (range: string) => apiUrl('operator/overview', { range });
export const accountUrl = (id: string) => apiUrl(`operator/accounts/${encodeURIComponent(id)}`);

/** What the page of a place reads before it can show anything, by the same URLs as the page itself asks for. */
export function firstReads(place: Place): readonly string[] {
  const { page, path, query } = place;
  const report = (scope: ReportScope, group: string, only?: Record<string, string>) =>
    reportUrl(scope, rangeOf(query, now()), group, only);
  const id = path[0];
  // Without the name of a tag there is nothing to read yet.
  if (query.get('by') === 'tag:') return [];
  switch (page) {
    case 'requests':
      if (id) return [apiUrl(`requests/${encodeURIComponent(id)}`)];
      return [requestsUrl('requests', place), apiUrl('keys/names'), apiUrl('models')];
    case 'keys':
      return id ? [keyUrl(id), report('own', 'model', { keyId: id })] : [keysUrl(place), apiUrl('sessions')];
    case 'usage':
      return [latestEventsUrl(), report('own', query.get('by') ?? 'model')];
    case 'billing':
      return [apiUrl('account'), monthUrl(thisMonth())];
    case 'playground':
    case 'models':
    case 'quickstart':
      return [apiUrl('models')];
    case 'operator':
      return operatorReads(place, report);
    default:
      return [apiUrl('home')];
  }
}

function operatorReads(
  place: Place,
  report: (scope: ReportScope, group: string, only?: Record<string, string>) => string,
): readonly string[] {
  const [section = 'overview', id] = place.path;
  switch (section) {
    case 'overview':
      return [overviewUrl(place.query.get('range') ?? 'week')];
    case 'accounts':
      return id ? [accountUrl(id), report('operator', 'model', { accountId: id })] : [];
    case 'requests':
      if (id) return [apiUrl(`operator/requests/${encodeURIComponent(id)}`)];
      return [requestsUrl('operator/requests', place), apiUrl('operator/models')];
    case 'usage':
      return [report('operator', place.query.get('by') ?? 'account')];
    case 'promo-codes':
      return [promoCodesUrl(place)];
    case 'audit':
      return [changesUrl(place)];
    case 'health':
      return [apiUrl('operator/health')];
    default:
      return [];
  }
}
