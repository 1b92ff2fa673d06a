import { GatewayError } from '../lib/errors.js';
import { isObject } from '../lib/is-object.js';
import type { OptionNames } from '../lib/option-names.js';
import type { CreateAccountOptions } from './accounts.js';
import type { Credits } from './credits.js';
import { invalid, readAmount, readName, readOptions } from './management.js';
import { IS_PAST, readTime } from './queries.js';

/** The credit that an account begins with. */
export type SignUpCredit = NonNullable<CreateAccountOptions['grant']>;

const GRANT: OptionNames<SignUpCredit> = { amount: true, expiresAt: true, reason: true };

/** The idempotency key of the credit that an account begins with. */
const SIGN_UP = 'accounts.create';

/** Refuses a sign-up credit before anything of its account is written. */
export function checkSignUpCredit(grant: SignUpCredit): void {
  if (!isObject(grant)) throw invalid('grant', 'it must be an object with an amount');
  const { amount, expiresAt, reason } = readOptions('accounts.create', grant, GRANT);
  if (readAmount(amount, 'grant.amount') <= 0n) throw invalid('grant.amount', 'it must be more than zero');
  if (expiresAt !== undefined) readTime(expiresAt, 'grant.expiresAt');
  if (reason !== undefined) readName(reason, 'grant.reason', 1_000);
}

/** Gives an account its sign-up credit, once: asking again with another amount changes nothing. */
export async function giveSignUpCredit(
  credits: Pick<Credits, 'grant'>,
  accountId: string,
  grant: SignUpCredit,
): Promise<void> {
  try {
    await credits.grant({ ...grant, accountId, idempotencyKey: SIGN_UP });
  } catch (thrown) {
    if (!GatewayError.isInstance(thrown)) throw thrown;
    if (thrown.param === 'expiresAt') throw invalid('grant.expiresAt', IS_PAST);
    if (thrown.code !== 'idempotency_conflict') throw thrown;
  }
}
