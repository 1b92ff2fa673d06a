/** Gives money that may expire, once per key; one that has expired is refused, unless it was given before. */
export const GRANT_FUNCTION = `
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
    ELSIF p_expires <= p_now THEN
      outcome := 'expired';
    ELSE
      outcome := 'added';
      entry := gateway_give(money, 'grant', p_amount, p_expires, p_reason, p_reference, p_reference, p_now);
      PERFORM gateway_tell_credit(entry, p_notify);
    END IF;
  END $grant$;
`;
