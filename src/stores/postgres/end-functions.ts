/** Holds that end without a charge, and grants that end without having been used up. Version 2. */
export const END_FUNCTIONS = `
  CREATE FUNCTION gateway_release(p_account text, p_id text) RETURNS void LANGUAGE plpgsql AS $release$
  DECLARE
    money gateway_balances; hold gateway_holds;
  BEGIN
    money := gateway_money(p_account);
    SELECT * INTO hold FROM gateway_holds WHERE id = p_id AND account_id = p_account AND state = 'open';
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM gateway_give_back(hold);
    UPDATE gateway_holds SET state = 'released', held = 0, balance = 0, split = NULL
      WHERE id = p_id AND account_id = p_account;
    UPDATE gateway_balances SET held = held - hold.balance WHERE account_id = p_account AND hold.balance > 0;
  END $release$;

  CREATE FUNCTION gateway_expire(p_account text, p_now bigint, p_limit integer) RETURNS integer
  LANGUAGE plpgsql AS $expire$
  DECLARE
    money gateway_balances; hold gateway_holds; expired integer := 0;
  BEGIN
    money := gateway_money(p_account);
    FOR hold IN SELECT * FROM gateway_holds
      WHERE account_id = p_account AND state = 'open' AND expires_at < p_now ORDER BY expires_at LIMIT p_limit LOOP
      PERFORM gateway_give_back(hold);
      UPDATE gateway_holds SET state = 'expired', held = 0, balance = 0, split = NULL
        WHERE id = hold.id AND account_id = p_account;
      money.held := money.held - hold.balance;
      expired := expired + 1;
    END LOOP;
    UPDATE gateway_balances SET held = money.held WHERE account_id = p_account AND held <> money.held;
    RETURN expired;
  END $expire$;

  -- Ends the grants of an account that have expired; one that a running request draws on ends after it.
  CREATE FUNCTION gateway_expire_grants(p_account text, p_now bigint, p_soon bigint) RETURNS void
  LANGUAGE plpgsql AS $grants$
  DECLARE
    money gateway_balances; given gateway_grants;
  BEGIN
    money := gateway_money(p_account);
    FOR given IN SELECT * FROM gateway_grants WHERE account_id = p_account AND open AND expires_at <= p_now AND held = 0
      ORDER BY seq LOOP
      money.entries := money.entries + 1; money.grants := money.grants - 1;
      INSERT INTO gateway_entries (account_id, seq, kind, source, source_id, amount, balance_after, at, reference)
        VALUES (p_account, money.entries, 'expiry', 'grant', given.id, given.used - given.amount, money.balance, p_now,
          given.id);
      UPDATE gateway_grants SET used = amount, open = false WHERE account_id = p_account AND id = given.id;
    END LOOP;
    FOR given IN SELECT * FROM gateway_grants WHERE account_id = p_account AND open AND NOT told
      AND expires_at > p_now AND expires_at <= p_soon ORDER BY seq LOOP
      PERFORM gateway_add_notice(p_account, given.id, 0, 'grant.expiring', p_now, jsonb_build_object(
        'grant', given.id, 'left', gateway_usd(given.amount - given.used), 'reason', given.reason, 'expiresAt',
        to_char(to_timestamp(given.expires_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
      UPDATE gateway_grants SET told = true WHERE account_id = p_account AND id = given.id;
    END LOOP;
    UPDATE gateway_balances SET entries = money.entries, grants = money.grants WHERE account_id = p_account;
  END $grants$;
`;
