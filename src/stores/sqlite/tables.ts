/**
 * Version 1 of the tables. Money is integer nano-USD; STRICT tables refuse what does not fit in 64 bits instead of rounding
 * it. Times are milliseconds since the epoch.
 */
export const TABLES = `
  CREATE TABLE gateway_accounts (
    id TEXT PRIMARY KEY, plan TEXT, created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE gateway_keys (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES gateway_accounts (id),
    name TEXT NOT NULL, hint TEXT NOT NULL, created_at INTEGER NOT NULL,
    last_used_at INTEGER, expires_at INTEGER, revoked_at INTEGER, models TEXT, limits TEXT, budget TEXT
  ) STRICT;
  CREATE INDEX gateway_keys_account ON gateway_keys (account_id);

  CREATE TABLE gateway_balances (
    account_id TEXT PRIMARY KEY, balance INTEGER NOT NULL, held INTEGER NOT NULL CHECK (held >= 0)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE gateway_budgets (
    key_id TEXT NOT NULL, budget_window TEXT NOT NULL, account_id TEXT NOT NULL,
    spent INTEGER NOT NULL, held INTEGER NOT NULL CHECK (held >= 0),
    PRIMARY KEY (key_id, budget_window)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gateway_budgets_account ON gateway_budgets (account_id);

  CREATE TABLE gateway_holds (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, key_id TEXT NOT NULL, prepaid INTEGER NOT NULL,
    held INTEGER NOT NULL CHECK (held >= 0), budget_window TEXT, expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'released', 'expired'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gateway_holds_lease ON gateway_holds (expires_at) WHERE state = 'open';

  CREATE TABLE gateway_entries (
    seq INTEGER PRIMARY KEY, account_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('top_up', 'promo', 'usage', 'adjustment')),
    amount INTEGER NOT NULL CHECK (amount <> 0), balance_after INTEGER NOT NULL, at INTEGER NOT NULL,
    reference TEXT NOT NULL, note TEXT
  ) STRICT;
  CREATE INDEX gateway_entries_account ON gateway_entries (account_id);
  CREATE UNIQUE INDEX gateway_entries_credit ON gateway_entries (account_id, reference)
    WHERE kind IN ('top_up', 'adjustment');
  CREATE UNIQUE INDEX gateway_entries_promo ON gateway_entries (account_id, reference) WHERE kind = 'promo';

  CREATE TABLE gateway_promo_codes (
    seq INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, amount INTEGER NOT NULL CHECK (amount > 0),
    max_redemptions INTEGER, expires_at INTEGER, created_at INTEGER NOT NULL,
    redemptions INTEGER NOT NULL CHECK (max_redemptions IS NULL OR redemptions <= max_redemptions)
  ) STRICT;

  CREATE TABLE gateway_events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL, key_id TEXT NOT NULL,
    at INTEGER NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL, upstream_model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,
    source TEXT NOT NULL, price TEXT NOT NULL, cost INTEGER NOT NULL CHECK (cost >= 0),
    outcome TEXT NOT NULL, flags TEXT NOT NULL
  ) STRICT;
  CREATE INDEX gateway_events_account ON gateway_events (account_id, at);
`;
