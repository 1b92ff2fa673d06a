import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import { ADD_TO_DIMENSION_SUMS, ADD_TO_SUMS } from './usage-sums-step.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

/**
 * Records and charges a list of requests of one account, in order and all in one step: what `decideCharge` says. The only
 * row that is locked is the account's, first.
 */
export const SETTLE_FUNCTION = `
  CREATE OR REPLACE FUNCTION gateway_settle(p_account text, p_settlements jsonb) RETURNS jsonb LANGUAGE plpgsql AS $settle$
  DECLARE
    money gateway_balances; hold gateway_holds; item record; counted record; results jsonb := '[]';
    covered boolean; rest bigint; part bigint; h_allowance bigint; h_held bigint; c_allowance bigint; c_windows jsonb; c_grants jsonb; c_granted bigint;
    c_balance bigint; rooms record; room bigint; windows jsonb; charges jsonb; before bigint; notices integer; updated integer;
    with_units boolean := false;
  BEGIN
    money := gateway_money(p_account);
    FOR item IN SELECT * FROM jsonb_to_recordset(p_settlements) AS x(id text, key text, via text, "endUser" text,
      session text, tags jsonb, at bigint, model text, tokens jsonb, units jsonb, packed text, kind bigint,
      "reportedCost" text, cost bigint, "providerCost" bigint, prepaid boolean, overflow text, allowances jsonb, budgets jsonb, thresholds jsonb) LOOP
      SELECT * INTO hold FROM gateway_holds WHERE id = item.id AND account_id = p_account;
      -- An open hold says that there is no event: events of all months need not be searched.
      IF hold.state = 'released' OR (hold.state IS DISTINCT FROM 'open'
        AND gateway_is_recorded(p_account, item.packed)) THEN
        results := results || 'false'::jsonb;
        CONTINUE;
      END IF;
      before := money.balance; notices := 0;

      -- What of the hold pays.
      h_allowance := 0; h_held := 0; rest := item.cost;
      c_allowance := 0; c_windows := '[]'; c_grants := '[]'; c_granted := 0; c_balance := 0;
      covered := hold.state = 'open';
      IF hold.id IS NOT NULL THEN
        DELETE FROM gateway_holds WHERE id = item.id AND account_id = p_account;
      END IF;
      IF covered THEN
        money.held := money.held - hold.balance;
        IF hold.split IS NOT NULL THEN
          h_allowance := (hold.split ->> 'allowance')::bigint;
          c_allowance := LEAST(rest, h_allowance);
          IF c_allowance > 0 THEN c_windows := hold.split -> 'windows'; END IF;
          rest := rest - c_allowance;
          IF hold.split -> 'grants' <> '[]' THEN
            PERFORM gateway_move_grants(p_account, hold.split -> 'grants', 0, -1);
            FOR counted IN SELECT * FROM jsonb_to_recordset(hold.split -> 'grants') AS x(id text, amount bigint) LOOP
              part := LEAST(rest, counted.amount);
              CONTINUE WHEN part <= 0;
              c_grants := c_grants || jsonb_build_object('id', counted.id, 'amount', part::text);
              c_granted := c_granted + part;
              rest := rest - part;
            END LOOP;
          END IF;
        END IF;
        c_balance := LEAST(rest, hold.balance);
        rest := rest - c_balance;
        -- Budgets that the charge counts in as well are written once, with it.
        IF hold.budgets = item.budgets THEN
          h_held := hold.held;
        ELSIF hold.budgets IS NOT NULL THEN
          updated := gateway_count_budgets(p_account, hold.budgets, 0, -hold.held);
        END IF;
      END IF;
      IF c_granted > 0 THEN
        money.grants := money.grants - gateway_move_grants(p_account, c_grants, 1, 0);
      END IF;

      -- What the hold does not cover: from the sources as they stand, and the last of it from the balance. All of the
      -- hold pays then, so that it leaves the same room whether it has been given back or not.
      IF rest > 0 AND item.allowances IS NOT NULL THEN
        rooms := gateway_rooms(p_account, item.allowances, 0, item.at);
        room := rooms.room; windows := rooms.windows;
        IF room > 0 AND (c_allowance = 0 OR gateway_same_windows(c_windows, windows)) THEN
          part := LEAST(rest, room);
          IF c_allowance = 0 THEN c_windows := windows; END IF;
          c_allowance := c_allowance + part; rest := rest - part;
        END IF;
      END IF;
      IF c_allowance > 0 THEN
        updated := gateway_count(p_account, c_windows, c_allowance, -h_allowance);
      ELSIF h_allowance > 0 THEN
        updated := gateway_count(p_account, hold.split -> 'windows', 0, -h_allowance);
      END IF;
      IF rest > 0 AND item.prepaid THEN
        IF money.grants > 0 AND item.overflow <> 'refuse' THEN
          SELECT g.parts, g.taken INTO windows, part FROM gateway_grant_parts(p_account, rest, item.at) AS g;
          IF part > 0 THEN
            money.grants := money.grants - gateway_move_grants(p_account, windows, 1, 0);
            SELECT jsonb_agg(jsonb_build_object('id', id, 'amount', total::text)) INTO c_grants FROM (
              SELECT id, SUM(amount) AS total, MIN(place) AS place
              FROM ROWS FROM (jsonb_to_recordset(c_grants || windows) AS (id text, amount bigint))
                WITH ORDINALITY AS x(id, amount, place) GROUP BY id ORDER BY 3) AS merged;
            c_granted := c_granted + part; rest := rest - part;
          END IF;
        END IF;
        c_balance := c_balance + rest;
      END IF;

      charges := '[]';
      IF c_allowance > 0 THEN
        money.entries := money.entries + 1;
        INSERT INTO gateway_entries (account_id, seq, kind, source, amount, balance_after, at, reference)
          VALUES (p_account, money.entries, 'usage', 'allowance', -c_allowance, money.balance, item.at, item.packed);
        charges := charges || jsonb_build_object('source', 'allowance', 'amount', c_allowance::text, 'windows',
          gateway_window_ids(c_windows));
      END IF;
      IF c_granted > 0 THEN
        FOR counted IN SELECT * FROM jsonb_to_recordset(c_grants) AS x(id text, amount bigint) LOOP
          money.entries := money.entries + 1;
          INSERT INTO gateway_entries (account_id, seq, kind, source, source_id, amount, balance_after, at, reference)
            VALUES (p_account, money.entries, 'usage', 'grant', counted.id, -counted.amount, money.balance, item.at,
              item.packed);
          charges := charges || jsonb_build_object('source', 'grant', 'id', counted.id, 'amount', counted.amount::text);
        END LOOP;
      END IF;
      IF c_balance > 0 THEN
        money.balance := money.balance - c_balance;
        money.entries := money.entries + 1;
        INSERT INTO gateway_entries (account_id, seq, kind, amount, balance_after, at, reference)
          VALUES (p_account, money.entries, 'usage', -c_balance, money.balance, item.at, item.packed);
        charges := charges || jsonb_build_object('source', 'balance', 'amount', c_balance::text);
      END IF;

      money.events := money.events + 1;
      INSERT INTO gateway_events (seq, id, account_id, key_id, end_user, session, tags, at, kind_id,
          ${TOKEN_COLUMNS.join(', ')}, units, reported_cost, cost, provider_cost, charged)
        VALUES (money.events, item.packed, p_account, item.key, item."endUser", item.session, item.tags, item.at, item.kind,
          ${TOKEN_COLUMNS.map((_, i) => `NULLIF((item.tokens ->> ${i})::bigint, 0)`).join(', ')}, item.units,
          item."reportedCost", item.cost, item."providerCost", CASE WHEN item.cost > 0 AND c_balance = item.cost THEN ''
            WHEN charges <> '[]' THEN charges::text END);
      IF item.budgets IS NOT NULL THEN
        updated := gateway_count_budgets(p_account, item.budgets, item.cost, -h_held);
      END IF;
      IF item.thresholds IS NOT NULL THEN
        IF item.budgets IS NOT NULL AND item.thresholds -> 'budget' IS NOT NULL THEN
          FOR counted IN SELECT x.*, b.spent FROM jsonb_to_recordset(item.budgets)
              AS x(subject text, "window" text, "limit" bigint)
            JOIN gateway_budgets b ON b.account_id = p_account AND b.subject = x.subject AND b.budget_window = x."window" LOOP
            notices := gateway_share_notices(p_account, item.id, notices, 'budget.reached', item.at,
              item.thresholds -> 'budget', counted."limit", counted.spent - item.cost, counted.spent,
              jsonb_build_object('subject', counted.subject, 'window', counted."window"));
          END LOOP;
        END IF;
        IF c_allowance > 0 AND item.thresholds -> 'allowance' IS NOT NULL THEN
          FOR counted IN SELECT x.*, a.used FROM jsonb_to_recordset(c_windows) AS x(id text, "limit" bigint, "endsAt" bigint)
            JOIN gateway_allowances a ON a.account_id = p_account AND a.allowance = x.id AND a.ends_at = x."endsAt" LOOP
            notices := gateway_share_notices(p_account, item.id, notices, 'allowance.reached', item.at,
              item.thresholds -> 'allowance', counted."limit", counted.used - c_allowance, counted.used,
              jsonb_build_object('allowance', counted.id, 'resetsAt',
                to_char(to_timestamp(counted."endsAt" / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
          END LOOP;
        END IF;
        IF c_balance > 0 AND item.thresholds -> 'balance' IS NOT NULL THEN
          FOR part IN SELECT value::bigint FROM jsonb_array_elements_text(item.thresholds -> 'balance') LOOP
            CONTINUE WHEN before <= part OR money.balance > part;
            notices := gateway_add_notice(p_account, item.id, notices, 'balance.low', item.at, jsonb_build_object(
              'threshold', gateway_usd(part), 'balance', gateway_usd(money.balance)));
          END LOOP;
        END IF;
      END IF;
      results := results || 'true'::jsonb;
      with_units := with_units OR item.units IS NOT NULL;
${ADD_TO_DIMENSION_SUMS}    END LOOP;
${ADD_TO_SUMS}    UPDATE gateway_balances SET balance = money.balance, held = money.held, entries = money.entries,
      events = money.events, grants = money.grants WHERE account_id = p_account;
    RETURN results;
  END $settle$;
`;
