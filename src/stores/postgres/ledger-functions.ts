/** The functions behind top-ups, adjustments and promo codes, version 1. */
export const LEDGER_FUNCTIONS = `
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

/** A credit may take more than there is, for refunds and lost disputes. */
export const CREDIT_BELOW_ZERO = `
  DROP FUNCTION gateway_credit(text, text, bigint, text, text, bigint);
  CREATE FUNCTION gateway_credit(
    p_account text, p_kind text, p_amount bigint, p_reference text, p_note text, p_now bigint, p_allow_negative boolean,
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
    ELSIF p_amount < 0 AND NOT p_allow_negative AND funds + p_amount < 0 THEN
      outcome := 'insufficient';
    ELSE
      outcome := 'added';
      entry := gateway_move(p_account, p_kind, p_amount, p_now, p_reference, p_note);
    END IF;
  END $credit$;
`;
