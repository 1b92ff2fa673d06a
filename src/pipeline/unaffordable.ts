import { GatewayError } from '../lib/errors.js';
import { formatUsd, type NanoUsd } from '../lib/money.js';
import type { HoldRefusal } from '../meter/holds.js';

const NO_RETRY = { 'x-should-retry': 'false' };

/** The error for a request that cannot be paid. */
export function unaffordable(refusal: HoldRefusal, needed: NanoUsd): GatewayError {
  if (refusal.reason === 'allowance') return exhausted(refusal.available, refusal.resetsAt, needed);
  if (refusal.reason === 'balance') {
    const message = doesNotCover('The balance of the account', needed, refusal.available);
    return new GatewayError('insufficient_balance', { message, headers: NO_RETRY });
  }
  const message = doesNotCover(`The budget of this ${kindOf(refusal.subject)}`, needed, refusal.available);
  return new GatewayError('budget_exceeded', { message, headers: NO_RETRY });
}

function exhausted(available: NanoUsd, resetsAt: number | undefined, needed: NanoUsd): GatewayError {
  const covered = doesNotCover('What the plan includes', needed, available);
  if (resetsAt === undefined) return new GatewayError('allowance_exhausted', { message: covered, headers: NO_RETRY });
  const at = new Date(resetsAt).toISOString();
  return new GatewayError('allowance_exhausted', {
    message: `${covered} It resets at ${at}.`,
    headers: { ...NO_RETRY, 'x-gateway-allowance-reset': at },
  });
}

function doesNotCover(what: string, needed: NanoUsd, available: NanoUsd): string {
  const there = formatUsd(available > 0n ? available : 0n);
  return `${what} does not cover this request: it can cost up to $${formatUsd(needed)}, and $${there} is available.`;
}

/** The kind of a budget's subject, without its value, which may be internal to the host. */
function kindOf(subject: string): string {
  const [kind = '', name = ''] = subject.split(':', 2);
  const kinds: Readonly<Record<string, string>> = {
    key: 'API key',
    account: 'account',
    endUser: 'end user',
    session: 'session',
    tag: `tag '${name}'`,
  };
  return kinds[kind] ?? kind;
}
