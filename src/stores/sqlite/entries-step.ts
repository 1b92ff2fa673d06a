/**
 * Entries whose kind is checked without a list: SQLite would make a table of it for each entry. Tables whose checks change
 * are made anew, because SQLite can't change a check.
 */
export const ENTRIES_STEP = `
  ALTER TABLE gateway_entries RENAME TO gateway_entries_9;
  DROP INDEX gateway_entries_credit;
  DROP INDEX gateway_entries_promo;
  CREATE TABLE gateway_entries (
    account_id TEXT NOT NULL, seq INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'usage' OR kind = 'top_up' OR kind = 'promo' OR kind = 'adjustment' OR
      kind = 'grant' OR kind = 'refund' OR kind = 'expiry'),
    amount INTEGER NOT NULL CHECK (amount <> 0), balance_after INTEGER NOT NULL, at INTEGER NOT NULL,
    reference TEXT NOT NULL, note TEXT, source TEXT NOT NULL DEFAULT 'balance', source_id TEXT,
    PRIMARY KEY (account_id, seq)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO gateway_entries SELECT * FROM gateway_entries_9;
  DROP TABLE gateway_entries_9;
  CREATE UNIQUE INDEX gateway_entries_credit ON gateway_entries (account_id, reference)
    WHERE kind IN ('top_up', 'adjustment');
  CREATE UNIQUE INDEX gateway_entries_promo ON gateway_entries (account_id, reference) WHERE kind = 'promo';
`;
