import { dateFormat } from '../formatters.js';
import type { RangeUnit } from './range.js';

/** A month, day or hour in full: `November 2026`, `Nov 21, 2026` or `Nov 21, 14:00`. */
export function bucketName(bucket: string, unit: RangeUnit): string {
  return format(bucket, { month: MONTH, day: DAY, hour: HOUR_OF_DAY }[unit]);
}

/** A month, day or hour for an axis: `Nov 2026`, `Nov 21` or `14:00`. */
export function shortBucketName(bucket: string, unit: RangeUnit): string {
  return format(bucket, { month: SHORT_MONTH, day: SHORT_DAY, hour: HOUR }[unit]);
}

const MONTH = { year: 'numeric', month: 'long' } as const;
const SHORT_MONTH = { year: '2-digit', month: 'short' } as const;
const SHORT_DAY = { month: 'short', day: 'numeric' } as const;
const DAY = { year: 'numeric', ...SHORT_DAY } as const;
const HOUR = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const HOUR_OF_DAY = { month: 'short', day: 'numeric', ...HOUR } as const;

function format(bucket: string, options: Intl.DateTimeFormatOptions): string {
  const time = bucket.length > 'YYYY-MM-DD'.length ? `${bucket}:00:00Z` : bucket;
  return dateFormat({ ...options, timeZone: 'UTC' }).format(new Date(time));
}
