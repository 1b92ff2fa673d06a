/** First key of this package's advisory locks; the second tells them apart. */
const LOCK = 1_835_362_679;

/**
 * Version 1 of the tables. Money is integer nano-USD, times are milliseconds since the epoch; ids sort by code point.
 * Rows that change with each request leave room on their page, so that an update needs no new index entry.
 */
const TABLES = `
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

/**
 * What the request path calls: one round trip each, and everything in it happens or nothing does.
 *
 * Locks are always taken in the order hold, budget, account (and promo code before account); with another order in one
 * of them, requests of one key deadlock. A duplicate is found by its row or raises on the primary key, which rolls the
 * whole call back; `ON CONFLICT DO NOTHING` after the money was moved would leave it moved.
 */
const RESERVE = `
  CREATE FUNCTION gateway_reserve(
    p_id text, p_account text, p_key text, p_prepaid boolean, p_amount bigint, p_minimum bigint,
    p_window text, p_limit bigint, p_expires bigint, p_again boolean, OUT outcome text, OUT amount bigint
  ) LANGUAGE plpgsql AS $reserve$
  DECLARE
    funds bigint; budget bigint; known gateway_holds;
  BEGIN
    SELECT * INTO known FROM gateway_holds WHERE id = p_id;
    IF FOUND OR EXISTS (SELECT 1 FROM gateway_events WHERE id = p_id) THEN
      -- A second attempt after a lost answer finds the hold of the first one.
      IF p_again AND known.state = 'open' AND known.account_id = p_account AND known.expires_at = p_expires THEN
        outcome := 'held'; amount := known.held;
      ELSE
        outcome := 'duplicate';
      END IF;
      RETURN;
    END IF;
    amount := p_amount;
    IF p_window IS NOT NULL THEN
      SELECT p_limit - spent - held INTO budget FROM gateway_budgets
        WHERE key_id = p_key AND budget_window = p_window FOR UPDATE;
      IF NOT FOUND THEN
        INSERT INTO gateway_budgets VALUES (p_key, p_window, p_account, 0, 0) ON CONFLICT DO NOTHING;
        SELECT p_limit - spent - held INTO budget FROM gateway_budgets
          WHERE key_id = p_key AND budget_window = p_window FOR UPDATE;
      END IF;
      amount := LEAST(amount, budget);
    END IF;
    IF p_prepaid THEN
      SELECT balance - held INTO funds FROM gateway_balances WHERE account_id = p_account FOR UPDATE;
      funds := COALESCE(funds, 0);
      IF funds < p_minimum THEN
        outcome := 'balance'; amount := funds;
        RETURN;
      END IF;
      amount := LEAST(amount, funds);
    END IF;
    IF budget < p_minimum THEN
      outcome := 'budget'; amount := budget;
      RETURN;
    END IF;
    IF p_window IS NOT NULL THEN
      UPDATE gateway_budgets SET held = held + amount WHERE key_id = p_key AND budget_window = p_window;
    END IF;
    IF p_prepaid AND amount > 0 THEN
      UPDATE gateway_balances SET held = held + amount WHERE account_id = p_account;
    END IF;
    INSERT INTO gateway_holds VALUES (p_id, p_account, p_key, p_prepaid, amount, p_window, p_expires, 'open');
    outcome := 'held';
  END $reserve$;
`;

const SETTLE = `
  CREATE FUNCTION gateway_settle(
    p_id text, p_account text, p_key text, p_prepaid boolean, p_window text, p_at bigint, p_model text,
    p_provider text, p_upstream_model text, p_input bigint, p_cached_input bigint, p_cache_write bigint,
    p_cache_write_1h bigint, p_output bigint, p_reasoning bigint, p_source text, p_price text, p_cost bigint,
    p_outcome text, p_flags text
  ) RETURNS boolean LANGUAGE plpgsql AS $settle$
  DECLARE
    hold gateway_holds; given bigint := 0; taken bigint := 0; after bigint;
  BEGIN
    SELECT * INTO hold FROM gateway_holds WHERE id = p_id FOR UPDATE;
    IF hold.state = 'released' THEN RETURN false; END IF;
    INSERT INTO gateway_events (id, account_id, key_id, at, model, provider, upstream_model, input_tokens,
        cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, source,
        price, cost, outcome, flags)
      VALUES (p_id, p_account, p_key, p_at, p_model, p_provider, p_upstream_model, p_input, p_cached_input,
        p_cache_write, p_cache_write_1h, p_output, p_reasoning, p_source, p_price, p_cost, p_outcome, p_flags)
      ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN RETURN false; END IF;
    IF hold.id IS NOT NULL THEN
      DELETE FROM gateway_holds WHERE id = p_id;
      IF hold.budget_window IS NOT NULL AND hold.held > 0 THEN
        UPDATE gateway_budgets SET held = held - hold.held
          WHERE key_id = hold.key_id AND budget_window = hold.budget_window;
      END IF;
      IF hold.prepaid THEN given := hold.held; END IF;
    END IF;
    IF p_window IS NOT NULL THEN
      INSERT INTO gateway_budgets AS b VALUES (p_key, p_window, p_account, p_cost, 0)
        ON CONFLICT (key_id, budget_window) DO UPDATE SET spent = b.spent + p_cost;
    END IF;
    IF p_prepaid THEN taken := p_cost; END IF;
    IF given = 0 AND taken = 0 THEN RETURN true; END IF;
    UPDATE gateway_balances SET balance = balance - taken, held = held - given WHERE account_id = p_account
      RETURNING balance INTO after;
    IF NOT FOUND THEN
      INSERT INTO gateway_balances AS b VALUES (p_account, -taken, 0)
        ON CONFLICT (account_id) DO UPDATE SET balance = b.balance - taken RETURNING balance INTO after;
    END IF;
    IF taken > 0 THEN
      INSERT INTO gateway_entries (account_id, kind, amount, balance_after, at, reference)
        VALUES (p_account, 'usage', -taken, after, p_at, p_id);
    END IF;
    RETURN true;
  END $settle$;
`;

const RELEASE_AND_EXPIRE = `
  CREATE FUNCTION gateway_release(p_id text) RETURNS void LANGUAGE plpgsql AS $release$
  DECLARE
    hold gateway_holds;
  BEGIN
    SELECT * INTO hold FROM gateway_holds WHERE id = p_id AND state = 'open' FOR UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    UPDATE gateway_holds SET state = 'released', held = 0 WHERE id = p_id;
    IF hold.budget_window IS NOT NULL THEN
      UPDATE gateway_budgets SET held = held - hold.held
        WHERE key_id = hold.key_id AND budget_window = hold.budget_window;
    END IF;
    IF hold.prepaid THEN
      UPDATE gateway_balances SET held = held - hold.held WHERE account_id = hold.account_id;
    END IF;
  END $release$;

  CREATE FUNCTION gateway_expire(p_now bigint, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $expire$
  DECLARE
    ids text[];
  BEGIN
    -- One sweeper at a time: two of them could lock the same accounts in different orders.
    IF NOT pg_try_advisory_xact_lock(${LOCK}, 2) THEN RETURN 0; END IF;
    ids := ARRAY(SELECT id FROM gateway_holds WHERE state = 'open' AND expires_at < p_now
      ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    IF cardinality(ids) = 0 THEN RETURN 0; END IF;
    UPDATE gateway_budgets b SET held = b.held - h.held
      FROM (SELECT key_id, budget_window, SUM(held) AS held FROM gateway_holds
            WHERE id = ANY (ids) AND budget_window IS NOT NULL GROUP BY key_id, budget_window) h
      WHERE b.key_id = h.key_id AND b.budget_window = h.budget_window;
    UPDATE gateway_balances b SET held = b.held - h.held
      FROM (SELECT account_id, SUM(held) AS held FROM gateway_holds
            WHERE id = ANY (ids) AND prepaid GROUP BY account_id) h
      WHERE b.account_id = h.account_id;
    UPDATE gateway_holds SET state = 'expired', held = 0 WHERE id = ANY (ids);
    RETURN cardinality(ids);
  END $expire$;
`;

const CREDIT_AND_REDEEM = `
  CREATE FUNCTION gateway_move(
    p_account text, p_kind text, p_amount bigint, p_at bigint, p_reference text, p_note text
  ) RETURNS gateway_entries LANGUAGE plpgsql AS $move$
  DECLARE
    after bigint; entry gateway_entries;
  BEGIN
    INSERT INTO gateway_balances AS b VALUES (p_account, p_amount, 0)
      ON CONFLICT (account_id) DO UPDATE SET balance = b.balance + p_amount RETURNING balance INTO after;
    INSERT INTO gateway_entries (account_id, kind, amount, balance_after, at, reference, note)
      VALUES (p_account, p_kind, p_amount, after, p_at, p_reference, p_note) RETURNING * INTO entry;
    RETURN entry;
  END $move$;

  CREATE FUNCTION gateway_credit(
    p_account text, p_kind text, p_amount bigint, p_reference text, p_note text, p_now bigint,
    OUT outcome text, OUT entry gateway_entries
  ) LANGUAGE plpgsql AS $credit$
  DECLARE
    funds bigint;
  BEGIN
    INSERT INTO gateway_balances VALUES (p_account, 0, 0) ON CONFLICT DO NOTHING;
    SELECT balance - held INTO funds FROM gateway_balances WHERE account_id = p_account FOR UPDATE;
    SELECT * INTO entry FROM gateway_entries
      WHERE account_id = p_account AND reference = p_reference AND kind IN ('top_up', 'adjustment');
    IF FOUND THEN
      outcome := CASE WHEN entry.amount = p_amount THEN 'duplicate' ELSE 'conflict' END;
    ELSIF p_amount < 0 AND funds + p_amount < 0 THEN
      outcome := 'insufficient';
    ELSE
      outcome := 'added';
      entry := gateway_move(p_account, p_kind, p_amount, p_now, p_reference, p_note);
    END IF;
  END $credit$;

  CREATE FUNCTION gateway_redeem(
    p_account text, p_code text, p_now bigint, OUT outcome text, OUT entry gateway_entries
  ) LANGUAGE plpgsql AS $redeem$
  DECLARE
    promo gateway_promo_codes;
  BEGIN
    SELECT * INTO promo FROM gateway_promo_codes WHERE code = p_code FOR UPDATE;
    IF NOT FOUND THEN outcome := 'unknown'; RETURN; END IF;
    IF EXISTS (SELECT 1 FROM gateway_entries WHERE account_id = p_account AND reference = p_code AND kind = 'promo') THEN
      outcome := 'already_used';
    ELSIF p_now >= promo.expires_at THEN
      outcome := 'expired';
    ELSIF promo.redemptions >= promo.max_redemptions THEN
      outcome := 'exhausted';
    ELSE
      UPDATE gateway_promo_codes SET redemptions = redemptions + 1 WHERE code = p_code;
      outcome := 'added';
      entry := gateway_move(p_account, 'promo', promo.amount, p_now, p_code, NULL);
    END IF;
  END $redeem$;
`;

/** One step per version; a released step never changes, a changed function is a new step. */
const STEPS: readonly string[] = [TABLES + RESERVE + SETTLE + RELEASE_AND_EXPIRE + CREDIT_AND_REDEEM];

/**
 * The whole migration as one statement, and so as one transaction: processes that start at once wait for each other
 * at the lock, and all but the first find nothing to do.
 */
export function migrationStatement(): string {
  const steps = STEPS.map(
    (step, i) => `IF found_version < ${i + 1} THEN
      ${step}
      INSERT INTO gateway_migrations VALUES (${i + 1}, now());
    END IF;`,
  );
  return `DO $migration$
    DECLARE found_version integer;
    BEGIN
      PERFORM pg_advisory_xact_lock(${LOCK}, 1);
      CREATE TABLE IF NOT EXISTS gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
      SELECT COALESCE(MAX(version), 0) INTO found_version FROM gateway_migrations;
      IF found_version > ${STEPS.length} THEN
        RAISE EXCEPTION 'the database has schema version %, this package knows ${STEPS.length}', found_version;
      END IF;
      ${steps.join('\n')}
    END $migration$`;
}
