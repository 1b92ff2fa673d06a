/** What reserving and settling share: rooms of allowances, draws on grants, and the counts of both. Version 2. */
export const SOURCE_FUNCTIONS = `
  CREATE FUNCTION gateway_money(p_account text) RETURNS gateway_balances LANGUAGE plpgsql AS $money$
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
  CREATE FUNCTION gateway_rooms(
    p_account text, p_allowances jsonb, p_minimum bigint, p_now bigint, OUT room bigint, OUT windows jsonb, OUT resets bigint
  ) LANGUAGE plpgsql AS $rooms$
  DECLARE
    asked record; running gateway_allowances; space bigint;
  BEGIN
    windows := '[]';
    FOR asked IN SELECT * FROM jsonb_to_recordset(p_allowances)
      AS x(id text, "limit" bigint, "startsAt" bigint, "endsAt" bigint) LOOP
      SELECT * INTO running FROM gateway_allowances
        WHERE account_id = p_account AND allowance = asked.id AND ends_at > p_now ORDER BY ends_at DESC LIMIT 1;
      IF NOT FOUND THEN
        running.starts_at := asked."startsAt"; running.ends_at := asked."endsAt"; running.used := 0; running.held := 0;
      END IF;
      -- A window that a request asks for and that ended before it has no room.
      space := CASE WHEN running.ends_at > p_now THEN asked."limit" - running.used - running.held ELSE 0 END;
      room := LEAST(room, space);
      IF space < p_minimum THEN resets := GREATEST(resets, running.ends_at); END IF;
      windows := windows || jsonb_build_object('id', asked.id, 'limit', asked."limit"::text,
        'startsAt', running.starts_at, 'endsAt', running.ends_at);
    END LOOP;
    room := GREATEST(room, 0);
  END $rooms$;

  CREATE FUNCTION gateway_window_ids(p_windows jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $ids$
    SELECT jsonb_agg(jsonb_build_object('id', id, 'endsAt', "endsAt") ORDER BY id)
    FROM jsonb_to_recordset(p_windows) AS x(id text, "endsAt" bigint)
  $ids$;

  CREATE FUNCTION gateway_count(p_account text, p_windows jsonb, p_used bigint, p_held bigint)
  RETURNS void LANGUAGE plpgsql AS $count$
  BEGIN
    INSERT INTO gateway_allowances (account_id, allowance, ends_at, starts_at, used, held)
      SELECT p_account, id, "endsAt", "startsAt", 0, 0
      FROM jsonb_to_recordset(p_windows) AS x(id text, "startsAt" bigint, "endsAt" bigint)
      ON CONFLICT (account_id, allowance, ends_at) DO NOTHING;
    UPDATE gateway_allowances a SET used = a.used + p_used, held = a.held + p_held
      FROM jsonb_to_recordset(p_windows) AS x(id text, "endsAt" bigint)
      WHERE a.account_id = p_account AND a.allowance = x.id AND a.ends_at = x."endsAt";
  END $count$;

  -- What an amount takes from each grant, in the order in which they are drawn on. Moves nothing.
  CREATE FUNCTION gateway_grant_parts(p_account text, p_amount bigint, p_now bigint, OUT parts jsonb, OUT taken bigint)
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
  CREATE FUNCTION gateway_move_grants(p_account text, p_parts jsonb, p_used integer, p_held integer)
  RETURNS integer LANGUAGE plpgsql AS $moves$
  DECLARE
    closed integer;
  BEGIN
    UPDATE gateway_grants g SET used = g.used + p_used * x.amount, held = g.held + p_held * x.amount
      FROM jsonb_to_recordset(p_parts) AS x(id text, amount bigint) WHERE g.account_id = p_account AND g.id = x.id;
    UPDATE gateway_grants g SET open = false WHERE g.account_id = p_account AND g.open AND g.used >= g.amount;
    GET DIAGNOSTICS closed = ROW_COUNT;
    RETURN closed;
  END $moves$;

  CREATE FUNCTION gateway_give_back(p_hold gateway_holds) RETURNS void LANGUAGE plpgsql AS $back$
  BEGIN
    IF p_hold.budgets IS NOT NULL THEN
      UPDATE gateway_budgets b SET held = b.held - p_hold.held
        FROM jsonb_to_recordset(p_hold.budgets) AS x(subject text, "window" text)
        WHERE b.account_id = p_hold.account_id AND b.subject = x.subject AND b.budget_window = x."window";
    END IF;
    IF p_hold.split IS NOT NULL THEN
      PERFORM gateway_count(p_hold.account_id, p_hold.split -> 'windows', 0, -(p_hold.split ->> 'allowance')::bigint);
      PERFORM gateway_move_grants(p_hold.account_id, p_hold.split -> 'grants', 0, -1);
    END IF;
  END $back$;

  CREATE FUNCTION gateway_add_notice(
    p_account text, p_reference text, p_index integer, p_type text, p_at bigint, p_data jsonb
  ) RETURNS integer LANGUAGE plpgsql AS $notice$
  BEGIN
    INSERT INTO gateway_notices VALUES (p_account, 'evt_' || p_reference || '_' || p_index, p_type, p_at, p_data, 0, p_at)
      ON CONFLICT DO NOTHING;
    RETURN p_index + 1;
  END $notice$;

  -- Nano-USD as the decimal string of US dollars that is shown everywhere.
  CREATE FUNCTION gateway_usd(p_nano numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $usd$
    SELECT CASE WHEN p_nano < 0 THEN '-' ELSE '' END || trim(trailing '.' FROM trim(trailing '0' FROM
      to_char(abs(p_nano) / 1000000000, 'FM9999999999999990.000000000')))
  $usd$;

  -- One notice for each share of a limit, in millionths, that a sum reached. Returns the next index.
  CREATE FUNCTION gateway_share_notices(
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
