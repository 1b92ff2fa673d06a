import type { KeyDetails } from '../keys/key-details.js';
import type { Account, KeyBudget, KeyRecord, Profile, Suspension } from '../keys/key-store.js';
import type { Limits } from '../limits/rate-limiter.js';
import { defined, integer, optionalInteger, optionalText, text } from './row-values.js';

type Row = Readonly<Record<string, unknown>>;

/** The columns of a key record, in a table or alias `k`. */
export const KEY_COLUMNS = `k.id, k.account_id, k.name, k.hint, k.created_at, k.last_used_at, k.expires_at, k.revoked_at,
  k.models, k.limits, k.budget, k.details`;

/** One row of `KEY_COLUMNS`. */
export function toKey(row: Row): KeyRecord {
  return defined<KeyRecord>({
    id: text(row['id']),
    accountId: text(row['account_id']),
    name: text(row['name']),
    hint: text(row['hint']),
    createdAt: integer(row['created_at']),
    lastUsedAt: optionalInteger(row['last_used_at']),
    expiresAt: optionalInteger(row['expires_at']),
    revokedAt: optionalInteger(row['revoked_at']),
    models: fromJson<readonly string[]>(row['models']),
    limits: fromJson<Limits>(row['limits']),
    budget: fromJson<KeyBudget>(row['budget']),
    details: fromJson<KeyDetails>(row['details']),
  });
}

const ACCOUNT_NAMES = ['id', 'plan', 'plan_since', 'budget', 'suspension', 'profile', 'created_at'] as const;

/** The columns of an account, as `account_id`, `account_plan`, …, in a table or alias. */
export function accountColumns(table: string): string {
  return ACCOUNT_NAMES.map((name) => `${table}.${name} AS account_${name}`).join(', ');
}

/** The account out of a row with `accountColumns`. */
export function toAccount(row: Row): Account {
  return defined<Account>({
    id: text(row['account_id']),
    plan: optionalText(row['account_plan']),
    planSince: optionalInteger(row['account_plan_since']),
    budget: fromJson<KeyBudget>(row['account_budget']),
    suspension: fromJson<Suspension>(row['account_suspension']),
    profile: fromJson<Profile>(row['account_profile']),
    createdAt: integer(row['account_created_at']),
  });
}

/** What a key column keeps of a list or an object. */
export function toJson(value: object | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function fromJson<T>(value: unknown): T | undefined {
  return value === null || value === undefined ? undefined : (JSON.parse(text(value)) as T);
}
