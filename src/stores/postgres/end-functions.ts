/** The functions behind holds that end without a charge. Version 2. */
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
`;
