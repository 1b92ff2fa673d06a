/**
 * What reserving and settling share: rooms of allowances, draws on grants, and the counts of both. What each request calls is
 * called in an assignment, which costs a fifth of what a statement costs.
 */
export const SOURCE_FUNCTIONS = `
  -- They returned nothing once.
  DROP FUNCTION IF EXISTS gateway_count;
  DROP FUNCTION IF EXISTS gateway_count_budgets;

  CREATE OR REPLACE FUNCTION gateway_money(p_account text) RETURNS gateway_balances LANGUAGE plpgsql AS $money$
  DECLARE
    money gateway_balances;
  BEGIN
    SELECT * INTO money FROM gateway_balances WHERE account_id = p_account FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO gateway_balances (account_id, balance, held) VALUES (p_account, 0, 0) ON CONFLICT DO NOTHING;
      SELECT * INTO money FROM gateway_balances WHERE account_id = p_account FOR UPDATE;
    END IF;
    RETURN money;
  END $money$;

  -- The windows that run or begin at an instant, the smallest room among them, and when those that are too full end.
  CREATE OR REPLACE FUNCTION gateway_rooms(
    p_account text, p_allowances jsonb, p_minimum bigint, p_now bigint, OUT room bigint, OUT windows jsonb, OUT resets bigint
  ) LANGUAGE plpgsql AS $rooms$
  DECLARE
    asked jsonb; running gateway_allowances; space bigint;
  BEGIN
    windows := p_allowances;
    FOR i IN 0 .. jsonb_array_length(p_allowances) - 1 LOOP
      asked := p_allowances -> i;
      SELECT * INTO running FROM gateway_allowances
        WHERE account_id = p_account AND allowance = asked ->> 'id' AND ends_at > p_now ORDER BY ends_at DESC LIMIT 1;
      space := (asked ->> 'limit')::bigint;
      IF FOUND THEN
        space := space - running.used - running.held;
        IF running.ends_at <> (asked ->> 'endsAt')::bigint OR running.starts_at <> (asked ->> 'startsAt')::bigint THEN
          windows := jsonb_set(windows, ARRAY[i::text],
            asked || jsonb_build_object('startsAt', running.starts_at, 'endsAt', running.ends_at));
        END IF;
      ELSE
        running.ends_at := (asked ->> 'endsAt')::bigint;
        -- A window that a request asks for and that ended before it has no room.
        IF running.ends_at <= p_now THEN space := 0; END IF;
      END IF;
      room := LEAST(room, space);
      IF space < p_minimum THEN resets := GREATEST(resets, running.ends_at); END IF;
    END LOOP;
    room := GREATEST(room, 0);
  END $rooms$;

  CREATE OR REPLACE FUNCTION gateway_window_ids(p_windows jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $ids$
  DECLARE
    ids jsonb := '[]';
  BEGIN
    FOR i IN 0 .. jsonb_array_length(p_windows) - 1 LOOP
      ids := ids || (p_windows -> i) - '{limit,startsAt}'::text[];
    END LOOP;
    RETURN ids;
  END $ids$;

  CREATE OR REPLACE FUNCTION gateway_same_windows(p_one jsonb, p_other jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $same$
  BEGIN
    p_one := gateway_window_ids(p_one); p_other := gateway_window_ids(p_other);
    RETURN p_one @> p_other AND p_other @> p_one;
  END $same$;

  -- Adds to what is used and held of allowances. Returns how many windows they are.
  CREATE FUNCTION gateway_count(p_account text, p_windows jsonb, p_used bigint, p_held bigint)
  RETURNS integer LANGUAGE plpgsql AS $count$
  DECLARE
    one jsonb; windows integer := jsonb_array_length(p_windows);
  BEGIN
    -- One row a statement: Citus does not know the types of parameters that it selects.
    FOR i IN 0 .. windows - 1 LOOP
      one := p_windows -> i;
      UPDATE gateway_allowances SET used = used + p_used, held = held + p_held
        WHERE account_id = p_account AND allowance = one ->> 'id' AND ends_at = (one ->> 'endsAt')::bigint;
      CONTINUE WHEN FOUND;
      INSERT INTO gateway_allowances (account_id, allowance, ends_at, starts_at, used, held)
        VALUES (p_account, one ->> 'id', (one ->> 'endsAt')::bigint, (one ->> 'startsAt')::bigint, p_used, GREATEST(p_held, 0));
    END LOOP;
    RETURN windows;
  END $count$;

  -- What an amount takes from each grant, in the order in which they are drawn on. Moves nothing.
  CREATE OR REPLACE FUNCTION gateway_grant_parts(p_account text, p_amount bigint, p_now bigint, OUT parts jsonb, OUT taken bigint)
  LANGUAGE plpgsql AS $parts$
  DECLARE
    given record; part bigint;
  BEGIN
    parts := '[]'; taken := 0;
    FOR given IN SELECT id, amount - used - held AS free FROM gateway_grants
      WHERE account_id = p_account AND open AND (expires_at IS NULL OR expires_at > p_now)
      ORDER BY expires_at NULLS LAST, seq LOOP
      EXIT WHEN taken >= p_amount;
      part := LEAST(p_amount - taken, given.free);
      CONTINUE WHEN part <= 0;
      parts := parts || jsonb_build_object('id', given.id, 'amount', part::text);
      taken := taken + part;
    END LOOP;
  END $parts$;

  -- Moves parts of grants: p_used and p_held are 1, 0 or -1 times each part. Returns how many can't be drawn on any more.
  CREATE OR REPLACE FUNCTION gateway_move_grants(p_account text, p_parts jsonb, p_used integer, p_held integer)
  RETURNS integer LANGUAGE plpgsql AS $moves$
  DECLARE
    part jsonb; moved bigint; still boolean; closed integer := 0;
  BEGIN
    FOR i IN 0 .. jsonb_array_length(p_parts) - 1 LOOP
      part := p_parts -> i; moved := (part ->> 'amount')::bigint;
      UPDATE gateway_grants SET used = used + p_used * moved, held = held + p_held * moved,
          open = open AND used + p_used * moved < amount
        WHERE account_id = p_account AND id = part ->> 'id' RETURNING open INTO still;
      IF p_used > 0 AND NOT still THEN closed := closed + 1; END IF;
    END LOOP;
    RETURN closed;
  END $moves$;

  -- Holds an amount in budgets that have room for all of it; else holds nothing and returns false.
  CREATE OR REPLACE FUNCTION gateway_hold_whole(p_account text, p_budgets jsonb, p_amount bigint)
  RETURNS boolean LANGUAGE plpgsql AS $whole$
  DECLARE
    one jsonb;
  BEGIN
    FOR i IN 0 .. jsonb_array_length(p_budgets) - 1 LOOP
      one := p_budgets -> i;
      UPDATE gateway_budgets SET held = held + p_amount
        WHERE account_id = p_account AND subject = one ->> 'subject' AND budget_window = one ->> 'window'
          AND spent + held <= (one ->> 'limit')::bigint - p_amount;
      CONTINUE WHEN FOUND;
      FOR j IN 0 .. i - 1 LOOP
        one := p_budgets -> j;
        UPDATE gateway_budgets SET held = held - p_amount
          WHERE account_id = p_account AND subject = one ->> 'subject' AND budget_window = one ->> 'window';
      END LOOP;
      RETURN false;
    END LOOP;
    RETURN true;
  END $whole$;

  -- Adds to what is spent and held of budgets. Returns how many they are.
  CREATE FUNCTION gateway_count_budgets(p_account text, p_budgets jsonb, p_spent bigint, p_held bigint)
  RETURNS integer LANGUAGE plpgsql AS $budgets$
  DECLARE
    one jsonb; budgets integer := jsonb_array_length(p_budgets);
  BEGIN
    FOR i IN 0 .. budgets - 1 LOOP
      one := p_budgets -> i;
      UPDATE gateway_budgets SET spent = spent + p_spent, held = held + p_held
        WHERE account_id = p_account AND subject = one ->> 'subject' AND budget_window = one ->> 'window';
      CONTINUE WHEN FOUND;
      INSERT INTO gateway_budgets (account_id, subject, budget_window, spent, held)
        VALUES (p_account, one ->> 'subject', one ->> 'window', p_spent, GREATEST(p_held, 0));
    END LOOP;
    RETURN budgets;
  END $budgets$;

  -- Releases what an open hold took, but for what it took of the balance.
  CREATE OR REPLACE FUNCTION gateway_give_back(p_hold gateway_holds) RETURNS void LANGUAGE plpgsql AS $back$
  BEGIN
    IF p_hold.budgets IS NOT NULL THEN
      PERFORM gateway_count_budgets(p_hold.account_id, p_hold.budgets, 0, -p_hold.held);
    END IF;
    IF p_hold.split IS NOT NULL THEN
      PERFORM gateway_count(p_hold.account_id, p_hold.split -> 'windows', 0, -(p_hold.split ->> 'allowance')::bigint);
      PERFORM gateway_move_grants(p_hold.account_id, p_hold.split -> 'grants', 0, -1);
    END IF;
  END $back$;

  CREATE OR REPLACE FUNCTION gateway_add_notice(
    p_account text, p_reference text, p_index integer, p_type text, p_at bigint, p_data jsonb
  ) RETURNS integer LANGUAGE plpgsql AS $notice$
  BEGIN
    INSERT INTO gateway_notices VALUES (p_account, 'evt_' || p_reference || '_' || p_index, p_type, p_at, p_data, 0, p_at)
      ON CONFLICT DO NOTHING;
    RETURN p_index + 1;
  END $notice$;

  -- Nano-USD as the decimal string of US dollars that is shown everywhere.
  CREATE OR REPLACE FUNCTION gateway_usd(p_nano numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $usd$
    SELECT CASE WHEN p_nano < 0 THEN '-' ELSE '' END || trim(trailing '.' FROM trim(trailing '0' FROM
      to_char(abs(p_nano) / 1000000000, 'FM9999999999999990.000000000')))
  $usd$;

  -- One notice for each share of a limit, in millionths, that a sum reached. Returns the next index.
  CREATE OR REPLACE FUNCTION gateway_share_notices(
    p_account text, p_reference text, p_index integer, p_type text, p_at bigint, p_shares jsonb, p_limit numeric,
    p_before numeric, p_after numeric, p_data jsonb
  ) RETURNS integer LANGUAGE plpgsql AS $shares$
  DECLARE
    share numeric;
  BEGIN
    FOR share IN SELECT value::numeric FROM jsonb_array_elements_text(p_shares) LOOP
      CONTINUE WHEN p_before * 1000000 >= p_limit * share OR p_after * 1000000 < p_limit * share;
      p_index := gateway_add_notice(p_account, p_reference, p_index, p_type, p_at, p_data || jsonb_build_object(
        'threshold', (share / 1000000)::float8, 'limit', gateway_usd(p_limit), 'spent', gateway_usd(p_after)));
    END LOOP;
    RETURN p_index;
  END $shares$;
`;
