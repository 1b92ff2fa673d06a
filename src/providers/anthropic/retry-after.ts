type Headers = Readonly<Record<string, string>>;

const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/**
 * How long Anthropic asks to wait, in milliseconds: `retry-after-ms`, `retry-after` (seconds or a date), else the latest
 * reset of a limit that is used up. Dates count from the answer's own `date`, so that no clock is needed.
 *
 * Source: Anthropic docs, rate limits, response headers.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const ms = positive(headers['retry-after-ms']);
  if (ms !== undefined) return ms;
  const seconds = positive(headers['retry-after']);
  if (seconds !== undefined) return seconds * 1000;
  const now = Date.parse(headers['date'] ?? '');
  const resets = [headers['retry-after'], ...LIMITS.map((limit) => resetOf(headers, limit))];
  const waits = resets.map((reset) => Date.parse(reset ?? '') - now).filter((wait) => wait > 0);
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

function positive(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const value = Number(header);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

function resetOf(headers: Headers, limit: string): string | undefined {
  const name = `anthropic-ratelimit-${limit}`;
  return headers[`${name}-remaining`] === '0' ? headers[`${name}-reset`] : undefined;
}
