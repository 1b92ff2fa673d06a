import { LOCK } from './advisory-lock.js';

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

/** The functions behind holds, version 1. */
export const HOLD_FUNCTIONS = RESERVE + SETTLE + RELEASE_AND_EXPIRE;
