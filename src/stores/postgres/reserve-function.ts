/**
 * Sets money aside for a list of requests of one account, in order and all in one step: what `decideHold` says. The only
 * row that is locked is the account's, first; whatever else belongs to the account changes under that lock alone.
 */
export const RESERVE_FUNCTION = `
  CREATE OR REPLACE FUNCTION gateway_reserve(p_account text, p_requests jsonb) RETURNS jsonb LANGUAGE plpgsql AS $reserve$
  DECLARE
    money gateway_balances; known gateway_holds; item record; budget jsonb; results jsonb := '[]';
    most bigint; funds numeric; own numeric; others numeric; space bigint;
    rooms record; room bigint; windows jsonb; resets bigint; whole boolean; counted integer; drawn bigint; parts jsonb; taken bigint; refusal jsonb;
  BEGIN
    money := gateway_money(p_account);
    FOR item IN SELECT * FROM jsonb_to_recordset(p_requests) AS x(id text, packed text, prepaid boolean, amount bigint, minimum bigint,
      "creditLimit" bigint, overflow text, allowances jsonb, budgets jsonb, now bigint, expires bigint, again boolean,
      "notifyEmpty" boolean) LOOP
      SELECT * INTO known FROM gateway_holds WHERE id = item.id AND account_id = p_account;
      IF FOUND OR gateway_is_recorded(p_account, item.packed) THEN
        -- A second attempt after a lost answer finds the hold of the first one.
        IF item.again AND known.state = 'open' AND known.expires_at = item.expires THEN
          results := results || jsonb_build_object('outcome', 'held', 'amount', known.held::text);
        ELSE
          results := results || jsonb_build_object('outcome', 'duplicate');
        END IF;
        CONTINUE;
      END IF;

      most := item.amount; refusal := NULL; room := NULL; windows := NULL; resets := NULL;
      IF item.allowances IS NOT NULL THEN
        rooms := gateway_rooms(p_account, item.allowances, item.minimum, item.now);
        room := rooms.room; windows := rooms.windows; resets := rooms.resets;
      END IF;
      IF item.prepaid AND item.overflow = 'refuse' THEN
        IF room IS NULL OR room < item.minimum THEN
          refusal := jsonb_build_object('outcome', 'allowance', 'amount', COALESCE(room, 0)::text, 'resetsAt', resets);
        END IF;
        most := LEAST(most, room);
      ELSIF item.prepaid AND (room IS NULL OR room = 0 OR room < item.amount) THEN
        -- Where allowances cover all of it nothing else is asked.
        others := COALESCE(room, 0);
        IF money.grants > 0 THEN
          others := others + (SELECT COALESCE(SUM(amount - used - held), 0) FROM gateway_grants
            WHERE account_id = p_account AND open AND (expires_at IS NULL OR expires_at > item.now));
        END IF;
        own := money.balance::numeric - money.held + COALESCE(item."creditLimit", 0);
        funds := CASE WHEN others > 0 THEN others + GREATEST(own, 0) ELSE own END;
        IF funds < item.minimum THEN
          refusal := jsonb_build_object('outcome', 'balance', 'amount', funds::text);
          IF item."notifyEmpty" AND NOT money.empty THEN
            money.empty := true;
            PERFORM gateway_add_notice(p_account, item.id, 0, 'balance.empty', item.now, jsonb_build_object(
              'balance', gateway_usd(money.balance), 'available', gateway_usd(GREATEST(funds, 0)), 'requestId', item.id));
          END IF;
        END IF;
        most := LEAST(most, funds);
      END IF;

      whole := refusal IS NULL AND item.budgets IS NOT NULL AND gateway_hold_whole(p_account, item.budgets, most);
      IF refusal IS NULL AND item.budgets IS NOT NULL AND NOT whole THEN
        FOR i IN 0 .. jsonb_array_length(item.budgets) - 1 LOOP
          budget := item.budgets -> i;
          SELECT spent + held INTO space FROM gateway_budgets
            WHERE account_id = p_account AND subject = budget ->> 'subject' AND budget_window = budget ->> 'window';
          space := (budget ->> 'limit')::bigint - COALESCE(space, 0);
          IF space < item.minimum THEN
            refusal := jsonb_build_object('outcome', 'budget', 'amount', space::text, 'subject', budget ->> 'subject');
            EXIT;
          END IF;
          most := LEAST(most, space);
        END LOOP;
      END IF;
      IF refusal IS NOT NULL THEN
        results := results || refusal;
        CONTINUE;
      END IF;

      drawn := LEAST(most, COALESCE(room, 0)); parts := '[]'; taken := 0;
      IF drawn > 0 THEN
        counted := gateway_count(p_account, windows, 0, drawn);
      ELSE
        windows := '[]';
      END IF;
      IF money.grants > 0 AND item.prepaid AND item.overflow <> 'refuse' AND most > drawn THEN
        SELECT g.parts, g.taken INTO parts, taken FROM gateway_grant_parts(p_account, most - drawn, item.now) AS g;
        PERFORM gateway_move_grants(p_account, parts, 0, 1);
      END IF;
      own := CASE WHEN item.prepaid THEN most - drawn - taken ELSE 0 END;
      money.held := money.held + own;
      IF item.budgets IS NOT NULL AND NOT whole THEN
        counted := gateway_count_budgets(p_account, item.budgets, 0, most);
      END IF;
      INSERT INTO gateway_holds (id, account_id, held, balance, split, budgets, expires_at, state)
        VALUES (item.id, p_account, most, own,
          CASE WHEN drawn > 0 OR taken > 0 THEN
            jsonb_build_object('allowance', drawn::text, 'windows', windows, 'grants', parts) END,
          item.budgets, item.expires, 'open');
      results := results || jsonb_build_object('outcome', 'held', 'amount', most::text);
    END LOOP;
    UPDATE gateway_balances SET held = money.held, empty = money.empty
      WHERE account_id = p_account AND (held <> money.held OR empty <> money.empty);
    RETURN results;
  END $reserve$;
`;
