import { LOCK } from './advisory-lock.js';

/**
 * An idempotency key stands for one movement: used for another kind of it, it is a conflict. And an account gets no more
 * keys than it may have, however many are made at once.
 */
export const ONE_USE_STEP = `
  CREATE OR REPLACE FUNCTION gateway_credit(
    p_account text, p_kind text, p_amount bigint, p_reference text, p_note text, p_now bigint, p_notify boolean,
    p_allow_negative boolean, OUT outcome text, OUT entry gateway_entries
  ) LANGUAGE plpgsql AS $credit$
  DECLARE
    money gateway_balances;
  BEGIN
    money := gateway_money(p_account);
    SELECT * INTO entry FROM gateway_entries
      WHERE account_id = p_account AND reference = p_reference AND kind IN ('top_up', 'adjustment', 'grant');
    IF FOUND THEN
      outcome := CASE WHEN entry.amount = p_amount AND entry.kind = p_kind THEN 'duplicate' ELSE 'conflict' END;
    ELSIF p_amount < 0 AND NOT p_allow_negative AND money.balance - money.held + p_amount < 0 THEN
      outcome := 'insufficient';
    ELSE
      outcome := 'added';
      entry := gateway_move(money, p_kind, 'balance', NULL, p_amount, p_now, p_reference, p_note);
      PERFORM gateway_tell_credit(entry, p_notify AND p_amount > 0);
    END IF;
  END $credit$;

  CREATE OR REPLACE FUNCTION gateway_grant(
    p_account text, p_amount bigint, p_expires bigint, p_reason text, p_reference text, p_now bigint, p_notify boolean,
    OUT outcome text, OUT entry gateway_entries
  ) LANGUAGE plpgsql AS $grant$
  DECLARE
    money gateway_balances; known gateway_grants;
  BEGIN
    money := gateway_money(p_account);
    SELECT * INTO known FROM gateway_grants WHERE account_id = p_account AND reference = p_reference;
    IF FOUND THEN
      SELECT * INTO entry FROM gateway_entries WHERE account_id = p_account AND seq = known.seq;
      outcome := CASE WHEN known.amount = p_amount AND entry.kind = 'grant' THEN 'duplicate' ELSE 'conflict' END;
    ELSIF EXISTS (SELECT 1 FROM gateway_entries
        WHERE account_id = p_account AND reference = p_reference AND kind IN ('top_up', 'adjustment')) THEN
      outcome := 'conflict';
    ELSE
      outcome := 'added';
      entry := gateway_give(money, 'grant', p_amount, p_expires, p_reason, p_reference, p_reference, p_now);
      PERFORM gateway_tell_credit(entry, p_notify);
    END IF;
  END $grant$;

  CREATE FUNCTION gateway_has_key_room(p_account text, p_most integer, p_now bigint) RETURNS boolean
  LANGUAGE plpgsql AS $room$
  BEGIN
    -- Until the key is there: each statement of a function sees what was committed before it.
    PERFORM pg_advisory_xact_lock(${LOCK + 3}, hashtext(p_account));
    RETURN (SELECT COUNT(*) FROM gateway_keys WHERE account_id = p_account AND NOT is_session
      AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > p_now)) < p_most;
  END $room$;
`;
