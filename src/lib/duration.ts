/** A length of time: `'30s'`, `'15m'`, `'24h'`, `'30d'`, or a number of milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, or undefined if it is not a duration. */
export function parseDuration(duration: unknown): number | undefined {
  if (typeof duration === 'number') return Number.isSafeInteger(duration) && duration >= 0 ? duration : undefined;
  const [, count, unit = ''] =
    /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(typeof duration === 'string' ? duration : '') ?? [];
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
  return Number.isFinite(ms) ? Math.round(ms) : undefined;
}
