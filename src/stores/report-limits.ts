import { GatewayError } from '../lib/errors.js';

/** How long a report may take, its turn included, unless the store's options say otherwise. */
export const REPORT_TIMEOUT_MS = 10_000;

/** Says that a report took longer than it may. */
export function reportTimeout(limitMs: number): GatewayError {
  const message = `The report did not end within ${limitMs} ms. Ask for a shorter range or fewer groups.`;
  return new GatewayError('service_unavailable', { message });
}
