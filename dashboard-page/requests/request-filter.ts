const FILTERS = ['status', 'model', 'keyId', 'accountId'] as const;
const DAY_MS = 86_400_000;

/**
 * The filters in an address, as the API takes them. `day` is one of the visitor's own time zone, as the times that are
 * shown; `utcDay` is one of those that usage and money are summed by.
 */
export function requestFilterOf(query: URLSearchParams): Record<string, string> {
  const filter: Record<string, string> = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value) filter[name] = value;
  }
  const span = localDay(query.get('day')) ?? utcDay(query.get('utcDay'));
  return { ...filter, ...span };
}

function localDay(text: string | null) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? '') ?? [];
  if (year === undefined) return undefined;
  const start = (offset: number) => new Date(Number(year), Number(month) - 1, Number(day) + offset).toISOString();
  return { from: start(0), to: start(1) };
}

/** Whether a text names a day: an address may hold anything. */
export function isUtcDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

function utcDay(text: string | null) {
  if (!isUtcDay(text)) return undefined;
  const start = Date.parse(text);
  return { from: new Date(start).toISOString(), to: new Date(start + DAY_MS).toISOString() };
}
