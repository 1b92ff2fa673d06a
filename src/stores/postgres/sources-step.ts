/**
 * Step 2: every key begins with the account or holds it, so that the tables can be spread by account; entries and events
 * are numbered within their account; a price is kept once; and there are allowances, grants, budgets on any subject and
 * notices. Balances, entries, events, holds and budgets of step 1 are kept.
 */
export const SOURCES_STEP = `
  DROP FUNCTION gateway_reserve;
  DROP FUNCTION gateway_settle;
  DROP FUNCTION gateway_release;
  DROP FUNCTION gateway_expire;
  DROP FUNCTION gateway_credit;
  DROP FUNCTION gateway_redeem;
  DROP FUNCTION gateway_move;

  ALTER TABLE gateway_accounts ADD COLUMN plan_since bigint, ADD COLUMN budget text;

  -- The row that each step of an account locks. Counters of its entries and events, grants that can be drawn on, and
  -- whether a refusal for lack of money has been announced since the last credit.
  ALTER TABLE gateway_balances
    ADD COLUMN entries bigint NOT NULL DEFAULT 0, ADD COLUMN events bigint NOT NULL DEFAULT 0,
    ADD COLUMN grants integer NOT NULL DEFAULT 0, ADD COLUMN empty boolean NOT NULL DEFAULT false;
  INSERT INTO gateway_balances (account_id, balance, held)
    SELECT DISTINCT account_id, 0, 0 FROM gateway_events ON CONFLICT DO NOTHING;
  UPDATE gateway_balances b SET
    entries = COALESCE((SELECT MAX(seq) FROM gateway_entries WHERE account_id = b.account_id), 0),
    events = COALESCE((SELECT MAX(seq) FROM gateway_events WHERE account_id = b.account_id), 0);

  ALTER TABLE gateway_budgets RENAME COLUMN key_id TO subject;
  UPDATE gateway_budgets SET subject = 'key:' || subject;
  DROP INDEX gateway_budgets_account;
  ALTER TABLE gateway_budgets DROP CONSTRAINT gateway_budgets_pkey, ADD PRIMARY KEY (account_id, subject, budget_window);

  -- 'held' is the whole, 'balance' what of it is held on the balance, 'split' what is held elsewhere.
  ALTER TABLE gateway_holds
    ADD COLUMN balance bigint NOT NULL DEFAULT 0, ADD COLUMN split jsonb, ADD COLUMN budgets jsonb;
  UPDATE gateway_holds SET
    balance = CASE WHEN prepaid AND state = 'open' THEN held ELSE 0 END,
    budgets = CASE WHEN budget_window IS NOT NULL THEN
      jsonb_build_array(jsonb_build_object('subject', 'key:' || key_id, 'window', budget_window)) END;
  ALTER TABLE gateway_holds
    DROP COLUMN key_id, DROP COLUMN prepaid, DROP COLUMN budget_window,
    DROP CONSTRAINT gateway_holds_pkey, ADD PRIMARY KEY (id, account_id);

  ALTER TABLE gateway_entries ALTER COLUMN seq DROP IDENTITY, DROP CONSTRAINT gateway_entries_pkey,
    ADD PRIMARY KEY (account_id, seq), ADD COLUMN source text NOT NULL DEFAULT 'balance', ADD COLUMN source_id text,
    DROP CONSTRAINT gateway_entries_kind_check,
    ADD CONSTRAINT gateway_entries_kind_check
      CHECK (kind IN ('top_up', 'promo', 'usage', 'adjustment', 'grant', 'refund', 'expiry'));
  DROP INDEX gateway_entries_account;

  ALTER TABLE gateway_promo_codes
    ADD COLUMN credit_expires_after bigint, ADD COLUMN plan text,
    ADD COLUMN new_accounts_only boolean NOT NULL DEFAULT false, ADD COLUMN disabled_at bigint;

  CREATE TABLE gateway_prices (id bigint PRIMARY KEY, price text NOT NULL);
  INSERT INTO gateway_prices
    SELECT -row_number() OVER (), price FROM (SELECT DISTINCT price FROM gateway_events) AS prices;

  -- 'charged': null for nothing, '' for the whole cost from the balance, else the list of charges.
  ALTER TABLE gateway_events ALTER COLUMN seq DROP IDENTITY, ALTER COLUMN key_id DROP NOT NULL,
    DROP CONSTRAINT gateway_events_pkey, ADD PRIMARY KEY (id, account_id),
    ADD COLUMN via text NOT NULL DEFAULT 'key', ADD COLUMN end_user text, ADD COLUMN session text, ADD COLUMN tags jsonb,
    ADD COLUMN units jsonb, ADD COLUMN reported_cost text, ADD COLUMN price_id bigint, ADD COLUMN provider_cost bigint,
    ADD COLUMN charged text, ADD COLUMN refunded boolean NOT NULL DEFAULT false;
  UPDATE gateway_events e SET
    price_id = (SELECT p.id FROM gateway_prices p WHERE p.price = e.price),
    charged = CASE WHEN EXISTS (SELECT 1 FROM gateway_entries n
      WHERE n.account_id = e.account_id AND n.kind = 'usage' AND n.reference = e.id) THEN '' END;
  ALTER TABLE gateway_events DROP COLUMN price, ALTER COLUMN price_id SET NOT NULL;

  CREATE TABLE gateway_allowances (
    account_id text COLLATE "C" NOT NULL, allowance text COLLATE "C" NOT NULL, ends_at bigint NOT NULL,
    starts_at bigint NOT NULL, used bigint NOT NULL, held bigint NOT NULL CHECK (held >= 0),
    PRIMARY KEY (account_id, allowance, ends_at)
  ) WITH (fillfactor = 50);

  -- 'used' are all movements out of it but for what is held; a grant is open until nothing of it can be drawn on.
  CREATE TABLE gateway_grants (
    account_id text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, seq bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0), used bigint NOT NULL, held bigint NOT NULL CHECK (held >= 0),
    expires_at bigint, reason text, reference text COLLATE "C" NOT NULL, open boolean NOT NULL, told boolean NOT NULL,
    PRIMARY KEY (account_id, id), UNIQUE (account_id, reference)
  ) WITH (fillfactor = 50);
  CREATE INDEX gateway_grants_expiry ON gateway_grants (expires_at) WHERE open AND expires_at IS NOT NULL;

  CREATE TABLE gateway_notices (
    account_id text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, type text NOT NULL, at bigint NOT NULL,
    data jsonb NOT NULL, attempts integer NOT NULL, due_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
  );
  CREATE INDEX gateway_notices_due ON gateway_notices (due_at);
`;
