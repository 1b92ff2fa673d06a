/** The functions behind top-ups, adjustments, grants, refunds and promo codes. Version 2. */
export const CREDIT_FUNCTIONS = `
  -- Adds an entry; what moves the balance has been added to p_money by the caller.
  CREATE FUNCTION gateway_move(
    p_money gateway_balances, p_kind text, p_source text, p_source_id text, p_amount bigint, p_at bigint,
    p_reference text, p_note text
  ) RETURNS gateway_entries LANGUAGE plpgsql AS $move$
  DECLARE
    entry gateway_entries; after bigint;
  BEGIN
    UPDATE gateway_balances SET entries = entries + 1, empty = empty AND p_amount <= 0,
      balance = balance + CASE WHEN p_source = 'balance' THEN p_amount ELSE 0 END
      WHERE account_id = p_money.account_id RETURNING entries, balance INTO entry.seq, after;
    INSERT INTO gateway_entries (account_id, seq, kind, source, source_id, amount, balance_after, at, reference, note)
      VALUES (p_money.account_id, entry.seq, p_kind, p_source, p_source_id, p_amount, after, p_at, p_reference, p_note)
      RETURNING * INTO entry;
    RETURN entry;
  END $move$;

  CREATE FUNCTION gateway_tell_credit(p_entry gateway_entries, p_notify boolean) RETURNS void LANGUAGE plpgsql AS $tell$
  BEGIN
    IF p_notify THEN
      PERFORM gateway_add_notice(p_entry.account_id, 'credit_' || p_entry.seq, 0, 'credit.added', p_entry.at,
        jsonb_build_object('kind', p_entry.kind, 'amount', gateway_usd(p_entry.amount), 'balance',
          gateway_usd(p_entry.balance_after), 'reference', p_entry.reference));
    END IF;
  END $tell$;

  CREATE FUNCTION gateway_credit(
    p_account text, p_kind text, p_amount bigint, p_reference text, p_note text, p_now bigint, p_notify boolean,
    p_allow_negative boolean, OUT outcome text, OUT entry gateway_entries
  ) LANGUAGE plpgsql AS $credit$
  DECLARE
    money gateway_balances;
  BEGIN
    money := gateway_money(p_account);
    SELECT * INTO entry FROM gateway_entries
      WHERE account_id = p_account AND reference = p_reference AND kind IN ('top_up', 'adjustment');
    IF FOUND THEN
      outcome := CASE WHEN entry.amount = p_amount THEN 'duplicate' ELSE 'conflict' END;
    ELSIF p_amount < 0 AND NOT p_allow_negative AND money.balance - money.held + p_amount < 0 THEN
      outcome := 'insufficient';
    ELSE
      outcome := 'added';
      entry := gateway_move(money, p_kind, 'balance', NULL, p_amount, p_now, p_reference, p_note);
      PERFORM gateway_tell_credit(entry, p_notify AND p_amount > 0);
    END IF;
  END $credit$;

  CREATE FUNCTION gateway_grant(
    p_account text, p_amount bigint, p_expires bigint, p_reason text, p_reference text, p_now bigint, p_notify boolean,
    OUT outcome text, OUT entry gateway_entries
  ) LANGUAGE plpgsql AS $grant$
  DECLARE
    money gateway_balances; known gateway_grants;
  BEGIN
    money := gateway_money(p_account);
    SELECT * INTO known FROM gateway_grants WHERE account_id = p_account AND reference = p_reference;
    IF FOUND THEN
      outcome := CASE WHEN known.amount = p_amount THEN 'duplicate' ELSE 'conflict' END;
      SELECT * INTO entry FROM gateway_entries WHERE account_id = p_account AND seq = known.seq;
    ELSE
      outcome := 'added';
      entry := gateway_give(money, 'grant', p_amount, p_expires, p_reason, p_reference, p_reference, p_now);
      PERFORM gateway_tell_credit(entry, p_notify);
    END IF;
  END $grant$;

  -- One row for each entry; one without an entry when nothing had been charged; none when it was refunded before.
  CREATE FUNCTION gateway_refund(p_account text, p_id text, p_note text, p_now bigint)
  RETURNS TABLE (refunded boolean, entry gateway_entries) LANGUAGE plpgsql AS $refund$
  #variable_conflict use_column
  DECLARE
    money gateway_balances; event gateway_events; charge record; given gateway_grants; back bigint := 0;
    open_windows integer; moved boolean := false;
  BEGIN
    money := gateway_money(p_account);
    UPDATE gateway_events SET refunded = true WHERE id = p_id AND account_id = p_account AND NOT refunded
      RETURNING * INTO event;
    IF NOT FOUND THEN RETURN; END IF;
    FOR charge IN SELECT * FROM jsonb_to_recordset(CASE event.charged
        WHEN '' THEN jsonb_build_array(jsonb_build_object('source', 'balance', 'amount', event.cost::text))
        ELSE COALESCE(event.charged, '[]')::jsonb END)
      AS x(source text, id text, amount bigint, windows jsonb) LOOP
      IF charge.source = 'allowance' THEN
        UPDATE gateway_allowances a SET used = a.used - charge.amount
          FROM jsonb_to_recordset(charge.windows) AS x(id text, "endsAt" bigint)
          WHERE a.account_id = p_account AND a.allowance = x.id AND a.ends_at = x."endsAt" AND a.ends_at > p_now;
        GET DIAGNOSTICS open_windows = ROW_COUNT;
        IF open_windows > 0 THEN
          entry := gateway_move(money, 'refund', 'allowance', NULL, charge.amount, p_now, p_id, p_note);
          refunded := true; moved := true;
          RETURN NEXT;
          CONTINUE;
        END IF;
      ELSIF charge.source = 'grant' THEN
        SELECT * INTO given FROM gateway_grants WHERE account_id = p_account AND id = charge.id
          AND (expires_at IS NULL OR expires_at > p_now);
        IF FOUND THEN
          UPDATE gateway_grants SET used = used - charge.amount, open = true WHERE account_id = p_account AND id = given.id;
          UPDATE gateway_balances SET grants = grants + 1 WHERE account_id = p_account AND NOT given.open;
          entry := gateway_move(money, 'refund', 'grant', charge.id, charge.amount, p_now, p_id, p_note);
          refunded := true; moved := true;
          RETURN NEXT;
          CONTINUE;
        END IF;
      END IF;
      back := back + charge.amount;
    END LOOP;
    IF back > 0 THEN
      entry := gateway_move(money, 'refund', 'balance', NULL, back, p_now, p_id, p_note);
      refunded := true;
      RETURN NEXT;
    ELSIF NOT moved THEN
      entry := NULL; refunded := true;
      RETURN NEXT;
    END IF;
  END $refund$;

  CREATE FUNCTION gateway_redeem(
    p_account text, p_code text, p_now bigint, p_notify boolean,
    OUT outcome text, OUT plan text, OUT entry gateway_entries
  ) LANGUAGE plpgsql AS $redeem$
  DECLARE
    promo gateway_promo_codes; money gateway_balances;
  BEGIN
    SELECT * INTO promo FROM gateway_promo_codes WHERE code = p_code FOR UPDATE;
    IF NOT FOUND THEN outcome := 'unknown'; RETURN; END IF;
    money := gateway_money(p_account);
    IF EXISTS (SELECT 1 FROM gateway_entries WHERE account_id = p_account AND reference = p_code AND kind = 'promo') THEN
      outcome := 'already_used';
    ELSIF promo.disabled_at IS NOT NULL THEN
      outcome := 'disabled';
    ELSIF p_now >= promo.expires_at THEN
      outcome := 'expired';
    ELSIF promo.redemptions >= promo.max_redemptions THEN
      outcome := 'exhausted';
    ELSIF promo.new_accounts_only AND (money.events > 0 OR EXISTS (
      SELECT 1 FROM gateway_entries WHERE account_id = p_account AND kind IN ('top_up', 'promo', 'usage'))) THEN
      outcome := 'not_new';
    ELSE
      UPDATE gateway_promo_codes SET redemptions = redemptions + 1 WHERE code = p_code;
      outcome := 'added'; plan := promo.plan;
      IF promo.credit_expires_after IS NULL THEN
        entry := gateway_move(money, 'promo', 'balance', NULL, promo.amount, p_now, p_code, NULL);
      ELSE
        entry := gateway_give(money, 'promo', promo.amount, p_now + promo.credit_expires_after, p_code,
          'promo:' || p_code, p_code, p_now);
      END IF;
      PERFORM gateway_tell_credit(entry, p_notify);
    END IF;
  END $redeem$;
`;
