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
  if (!isDay(text)) return undefined;
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  const start = (offset: number) => new Date(year, month - 1, day + offset).toISOString();
  return { from: start(0), to: start(1) };
}

/** Whether a text names a day of the calendar: an address may hold anything, and some engines take a 31st of February for March. */
export function isDay(text: string | null): text is string {
  if (text === null || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const start = new Date(text);
  return !Number.isNaN(start.getTime()) && start.toISOString().startsWith(text);
}

function utcDay(text: string | null) {
  if (!isDay(text)) return undefined;
  const start = Date.parse(text);
  return { from: new Date(start).toISOString(), to: new Date(start + DAY_MS).toISOString() };
}
