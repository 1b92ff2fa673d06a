import { locale } from '../i18n.js';

/** A day or hour in full: `Nov 21, 2026` or `Nov 21, 14:00`. */
export function bucketName(bucket: string, unit: 'day' | 'hour'): string {
  return format(bucket, unit === 'day' ? { year: 'numeric', month: 'short', day: 'numeric' } : HOUR_OF_DAY);
}

/** A day or hour for an axis: `Nov 21` or `14:00`. */
export function shortBucketName(bucket: string, unit: 'day' | 'hour'): string {
  return format(bucket, unit === 'day' ? { month: 'short', day: 'numeric' } : HOUR);
}

const HOUR = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const HOUR_OF_DAY = { month: 'short', day: 'numeric', ...HOUR } as const;

function format(bucket: string, options: Intl.DateTimeFormatOptions): string {
  const time = bucket.length > 10 ? `${bucket}:00:00Z` : `${bucket}T00:00:00Z`;
  return new Intl.DateTimeFormat(locale(), { ...options, timeZone: 'UTC' }).format(new Date(time));
}
