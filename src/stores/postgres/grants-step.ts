/**
 * Grants say whether their expiry was announced. The functions that name this column are here alone: until this step they are
 * those of the version before, and no other step calls them.
 */
export const GRANTS_STEP = `
  ALTER TABLE gateway_grants RENAME COLUMN told TO announced;

  CREATE OR REPLACE FUNCTION gateway_give(
    p_money gateway_balances, p_kind text, p_amount bigint, p_expires bigint, p_reason text, p_reference text,
    p_entry_reference text, p_now bigint
  ) RETURNS gateway_entries LANGUAGE plpgsql AS $give$
  DECLARE
    entry gateway_entries;
  BEGIN
    entry := gateway_move(p_money, p_kind, 'grant', 'grant_' || (p_money.entries + 1), p_amount, p_now, p_entry_reference,
      p_reason);
    INSERT INTO gateway_grants (account_id, id, seq, amount, used, held, expires_at, reason, reference, open, announced)
      VALUES (entry.account_id, entry.source_id, entry.seq, p_amount, 0, 0, p_expires, p_reason, p_reference, true, false);
    UPDATE gateway_balances SET grants = grants + 1 WHERE account_id = entry.account_id;
    RETURN entry;
  END $give$;

  -- Ends the grants of an account that have expired; one that a running request draws on ends after it.
  CREATE OR REPLACE FUNCTION gateway_expire_grants(p_account text, p_now bigint, p_soon bigint) RETURNS void
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
    FOR given IN SELECT * FROM gateway_grants WHERE account_id = p_account AND open AND NOT announced
      AND expires_at > p_now AND expires_at <= p_soon ORDER BY seq LOOP
      PERFORM gateway_add_notice(p_account, given.id, 0, 'grant.expiring', p_now, jsonb_build_object(
        'grant', given.id, 'left', gateway_usd(given.amount - given.used), 'reason', given.reason, 'expiresAt',
        to_char(to_timestamp(given.expires_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
      UPDATE gateway_grants SET announced = true WHERE account_id = p_account AND id = given.id;
    END LOOP;
    UPDATE gateway_balances SET entries = money.entries, grants = money.grants WHERE account_id = p_account;
  END $grants$;
`;
