/**
 * Version 1 of the tables. Money is integer nano-USD, times are milliseconds since the epoch; ids sort by code point.
 * Rows that change with each request leave room on their page, so that an update needs no new index entry.
 */
export const TABLES = `
  CREATE TABLE gateway_accounts (
    id text COLLATE "C" PRIMARY KEY, plan text, created_at bigint NOT NULL
  );

  CREATE TABLE gateway_keys (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE, hash text COLLATE "C" NOT NULL UNIQUE,
    account_id text COLLATE "C" NOT NULL REFERENCES gateway_accounts (id),
    name text NOT NULL, hint text NOT NULL, created_at bigint NOT NULL,
    last_used_at bigint, expires_at bigint, revoked_at bigint, models text, limits text, budget text
  );
  CREATE INDEX gateway_keys_account ON gateway_keys (account_id);

  CREATE TABLE gateway_balances (
    account_id text COLLATE "C" PRIMARY KEY, balance bigint NOT NULL, held bigint NOT NULL CHECK (held >= 0)
  ) WITH (fillfactor = 50);

  CREATE TABLE gateway_budgets (
    key_id text COLLATE "C" NOT NULL, budget_window text COLLATE "C" NOT NULL, account_id text COLLATE "C" NOT NULL,
    spent bigint NOT NULL, held bigint NOT NULL CHECK (held >= 0),
    PRIMARY KEY (key_id, budget_window)
  ) WITH (fillfactor = 50);
  CREATE INDEX gateway_budgets_account ON gateway_budgets (account_id);

  CREATE TABLE gateway_holds (
    id text COLLATE "C" PRIMARY KEY, account_id text COLLATE "C" NOT NULL, key_id text COLLATE "C" NOT NULL,
    prepaid boolean NOT NULL, held bigint NOT NULL CHECK (held >= 0), budget_window text COLLATE "C",
    expires_at bigint NOT NULL, state text NOT NULL CHECK (state IN ('open', 'released', 'expired'))
  );
  CREATE INDEX gateway_holds_lease ON gateway_holds (expires_at) WHERE state = 'open';

  CREATE TABLE gateway_entries (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('top_up', 'promo', 'usage', 'adjustment')),
    amount bigint NOT NULL CHECK (amount <> 0), balance_after bigint NOT NULL, at bigint NOT NULL,
    reference text COLLATE "C" NOT NULL, note text
  );
  CREATE INDEX gateway_entries_account ON gateway_entries (account_id, seq);
  CREATE UNIQUE INDEX gateway_entries_credit ON gateway_entries (account_id, reference)
    WHERE kind IN ('top_up', 'adjustment');
  CREATE UNIQUE INDEX gateway_entries_promo ON gateway_entries (account_id, reference) WHERE kind = 'promo';

  CREATE TABLE gateway_promo_codes (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text COLLATE "C" NOT NULL UNIQUE,
    amount bigint NOT NULL CHECK (amount > 0), max_redemptions bigint, expires_at bigint, created_at bigint NOT NULL,
    redemptions bigint NOT NULL CHECK (redemptions <= max_redemptions)
  );

  CREATE TABLE gateway_events (
    seq bigint GENERATED ALWAYS AS IDENTITY, id text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL, key_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL, model text NOT NULL, provider text NOT NULL, upstream_model text NOT NULL,
    input_tokens bigint NOT NULL, cached_input_tokens bigint NOT NULL, cache_write_tokens bigint NOT NULL,
    cache_write_1h_tokens bigint NOT NULL, output_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
    source text NOT NULL, price text NOT NULL, cost bigint NOT NULL CHECK (cost >= 0),
    outcome text NOT NULL, flags text NOT NULL
  );
  CREATE INDEX gateway_events_account ON gateway_events (account_id, at, seq);
  CREATE INDEX gateway_events_time ON gateway_events USING brin (at);
`;
