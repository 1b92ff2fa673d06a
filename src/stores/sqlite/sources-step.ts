/**
 * Step 2: keys hold the account, entries and events are numbered within it, a price is kept once; and there are
 * allowances, grants, budgets on any subject and notices. Balances, entries, events, holds and budgets of step 1 are
 * kept. Tables whose keys change are made anew, because SQLite can't change a key.
 */
export const SOURCES_STEP = `
  ALTER TABLE gateway_accounts ADD COLUMN plan_since INTEGER;
  ALTER TABLE gateway_accounts ADD COLUMN budget TEXT;

  ALTER TABLE gateway_balances ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE gateway_balances ADD COLUMN events INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE gateway_balances ADD COLUMN grants INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE gateway_balances ADD COLUMN empty INTEGER NOT NULL DEFAULT 0;
  INSERT OR IGNORE INTO gateway_balances (account_id, balance, held) SELECT DISTINCT account_id, 0, 0 FROM gateway_events;
  UPDATE gateway_balances SET
    entries = COALESCE((SELECT MAX(seq) FROM gateway_entries e WHERE e.account_id = gateway_balances.account_id), 0),
    events = COALESCE((SELECT MAX(seq) FROM gateway_events e WHERE e.account_id = gateway_balances.account_id), 0);

  ALTER TABLE gateway_budgets RENAME TO gateway_budgets_1;
  CREATE TABLE gateway_budgets (
    account_id TEXT NOT NULL, subject TEXT NOT NULL, budget_window TEXT NOT NULL,
    spent INTEGER NOT NULL, held INTEGER NOT NULL CHECK (held >= 0),
    PRIMARY KEY (account_id, subject, budget_window)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO gateway_budgets
    SELECT account_id, 'key:' || key_id, budget_window, spent, held FROM gateway_budgets_1;
  DROP TABLE gateway_budgets_1;

  ALTER TABLE gateway_holds RENAME TO gateway_holds_1;
  CREATE TABLE gateway_holds (
    id TEXT NOT NULL, account_id TEXT NOT NULL, held INTEGER NOT NULL CHECK (held >= 0), balance INTEGER NOT NULL,
    split TEXT, budgets TEXT, expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'released', 'expired')),
    PRIMARY KEY (id, account_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO gateway_holds SELECT id, account_id, held, CASE WHEN prepaid = 1 AND state = 'open' THEN held ELSE 0 END, NULL,
    CASE WHEN budget_window IS NOT NULL
      THEN json_array(json_object('subject', 'key:' || key_id, 'window', budget_window)) END,
    expires_at, state FROM gateway_holds_1;
  DROP TABLE gateway_holds_1;
  CREATE INDEX gateway_holds_lease ON gateway_holds (expires_at) WHERE state = 'open';

  ALTER TABLE gateway_entries RENAME TO gateway_entries_1;
  DROP INDEX gateway_entries_account;
  DROP INDEX gateway_entries_credit;
  DROP INDEX gateway_entries_promo;
  CREATE TABLE gateway_entries (
    account_id TEXT NOT NULL, seq INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('top_up', 'promo', 'usage', 'adjustment', 'grant', 'refund', 'expiry')),
    amount INTEGER NOT NULL CHECK (amount <> 0), balance_after INTEGER NOT NULL, at INTEGER NOT NULL,
    reference TEXT NOT NULL, note TEXT, source TEXT NOT NULL DEFAULT 'balance', source_id TEXT,
    PRIMARY KEY (account_id, seq)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO gateway_entries (account_id, seq, kind, amount, balance_after, at, reference, note)
    SELECT account_id, seq, kind, amount, balance_after, at, reference, note FROM gateway_entries_1;
  DROP TABLE gateway_entries_1;
  CREATE UNIQUE INDEX gateway_entries_credit ON gateway_entries (account_id, reference)
    WHERE kind IN ('top_up', 'adjustment');
  CREATE UNIQUE INDEX gateway_entries_promo ON gateway_entries (account_id, reference) WHERE kind = 'promo';

  ALTER TABLE gateway_promo_codes ADD COLUMN credit_expires_after INTEGER;
  ALTER TABLE gateway_promo_codes ADD COLUMN plan TEXT;
  ALTER TABLE gateway_promo_codes ADD COLUMN new_accounts_only INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE gateway_promo_codes ADD COLUMN disabled_at INTEGER;

  CREATE TABLE gateway_prices (id INTEGER PRIMARY KEY, price TEXT NOT NULL) STRICT;
  INSERT INTO gateway_prices
    SELECT -row_number() OVER (), price FROM (SELECT DISTINCT price FROM gateway_events);

  -- Each event looks for its entry.
  CREATE INDEX gateway_entries_usage ON gateway_entries (account_id, reference) WHERE kind = 'usage';
  ALTER TABLE gateway_events RENAME TO gateway_events_1;
  DROP INDEX gateway_events_account;
  CREATE TABLE gateway_events (
    number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, id TEXT NOT NULL, account_id TEXT NOT NULL, key_id TEXT,
    via TEXT NOT NULL, end_user TEXT, session TEXT, tags TEXT,
    at INTEGER NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL, upstream_model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,
    units TEXT, source TEXT NOT NULL, reported_cost TEXT, price_id INTEGER NOT NULL,
    cost INTEGER NOT NULL CHECK (cost >= 0), provider_cost INTEGER, charged TEXT, refunded INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL, flags TEXT NOT NULL,
    UNIQUE (id, account_id)
  ) STRICT;
  INSERT INTO gateway_events (seq, id, account_id, key_id, via, at, model, provider, upstream_model, input_tokens,
      cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, source, price_id,
      cost, charged, outcome, flags)
    SELECT seq, id, account_id, key_id, 'key', at, model, provider, upstream_model, input_tokens,
      cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, source,
      (SELECT p.id FROM gateway_prices p WHERE p.price = e.price), cost,
      CASE WHEN EXISTS (SELECT 1 FROM gateway_entries n
        WHERE n.account_id = e.account_id AND n.kind = 'usage' AND n.reference = e.id) THEN '' END, outcome, flags
    FROM gateway_events_1 e ORDER BY seq;
  DROP TABLE gateway_events_1;
  DROP INDEX gateway_entries_usage;
  CREATE INDEX gateway_events_account ON gateway_events (account_id, at, seq);

  CREATE TABLE gateway_allowances (
    account_id TEXT NOT NULL, allowance TEXT NOT NULL, ends_at INTEGER NOT NULL, starts_at INTEGER NOT NULL,
    used INTEGER NOT NULL, held INTEGER NOT NULL CHECK (held >= 0),
    PRIMARY KEY (account_id, allowance, ends_at)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE gateway_grants (
    account_id TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    used INTEGER NOT NULL, held INTEGER NOT NULL CHECK (held >= 0), expires_at INTEGER, reason TEXT,
    reference TEXT NOT NULL, open INTEGER NOT NULL, told INTEGER NOT NULL,
    PRIMARY KEY (account_id, id), UNIQUE (account_id, reference)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gateway_grants_expiry ON gateway_grants (expires_at) WHERE open = 1 AND expires_at IS NOT NULL;

  CREATE TABLE gateway_notices (
    account_id TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL,
    attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gateway_notices_due ON gateway_notices (due_at);
`;
