import type { AllowanceWindow, BudgetWindow } from '../../meter/holds.js';
import type { AllowanceRecord } from '../../meter/ledger.js';
import type { BudgetRecord } from '../../meter/meter.js';
import { ALLOWANCE_COLUMNS, BUDGET_COLUMNS, toAllowance, toBudget } from '../ledger-rows.js';
import { optionalText } from '../row-values.js';
import type { SqliteConnection } from './sqlite-database.js';

type Changing<T> = { -readonly [K in keyof T]: T[K] };
/** `name` is what the column says of a count before its amounts; it never changes. */
type WindowCount = Changing<AllowanceRecord> & { name?: string };
type BudgetCount = Changing<BudgetRecord> & { name?: string };
type BudgetName = Pick<BudgetWindow, 'subject' | 'window'>;

/** How many windows, and how many budgets, the row of an account holds; those that moved longest ago go to their tables. */
const ROOM = 8;

/** The column `counts`: lists, because their names would take more room than what they say. Money is text. */
interface CountsJson {
  readonly windows?: readonly (readonly [id: string, startsAt: number, endsAt: number, used: string, held: string])[];
  readonly budgets?: readonly (readonly [subject: string, window: string, spent: string, held: string])[];
}

const FIND_WINDOW = `SELECT ${ALLOWANCE_COLUMNS} FROM gateway_allowances a WHERE account_id = ? AND allowance = ?`;
const KEEP_WINDOW = `INSERT INTO gateway_allowances AS a (account_id, allowance, ends_at, starts_at, used, held)
  VALUES (?, ?, ?, ?, ?, MAX(0, ?))
  ON CONFLICT (account_id, allowance, ends_at) DO UPDATE SET used = a.used + excluded.used, held = a.held + ?`;
const FORGET_WINDOW = 'DELETE FROM gateway_allowances WHERE account_id = ? AND allowance = ? AND ends_at = ?';
const FIND_BUDGET = `SELECT ${BUDGET_COLUMNS} FROM gateway_budgets WHERE account_id = ? AND subject = ? AND budget_window = ?`;
const KEEP_BUDGET = `INSERT INTO gateway_budgets (account_id, subject, budget_window, spent, held) VALUES (?, ?, ?, ?, ?)`;
const FORGET_BUDGET = 'DELETE FROM gateway_budgets WHERE account_id = ? AND subject = ? AND budget_window = ?';

/**
 * What is used and held of an account's allowance windows and budgets. Those that moved last are in the row of the account,
 * which each step reads and writes in any case: a row of their own for each would cost as much as all the rest of a charge.
 *
 * A window or budget is in one place, the row or its table. Of the windows of one allowance only the one that ends last is
 * ever in the row.
 */
export class AccountCounts {
  readonly #connection: SqliteConnection;
  readonly #accountId: string;
  readonly #windows: WindowCount[];
  readonly #budgets: BudgetCount[];
  /** What was looked for in the tables; null: it is not there. */
  #read: Map<string, WindowCount | BudgetCount | null> | undefined;
  #isSaved = false;
  changed = false;

  /** @param kept the column `counts`. */
  constructor(connection: SqliteConnection, accountId: string, kept: unknown) {
    this.#connection = connection;
    this.#accountId = accountId;
    const { windows, budgets } = countsOf(accountId, optionalText(kept));
    this.#windows = windows;
    this.#budgets = budgets;
  }

  /** The window of an allowance that runs, if any. */
  running(id: string, now: number): AllowanceRecord | undefined {
    const last = this.#inRow(id) ?? this.#lastInTable(id);
    return last && last.endsAt > now ? last : undefined;
  }

  /** One window of an allowance. */
  window(id: string, endsAt: number): AllowanceRecord | undefined {
    const last = this.#inRow(id);
    if (last?.endsAt === endsAt) return last;
    const row = this.#connection.get(`${FIND_WINDOW} AND ends_at = ?`, this.#accountId, id, endsAt);
    return row && toAllowance(row);
  }

  /** One window of a budget. */
  budget({ subject, window }: BudgetName): BudgetRecord | undefined {
    return this.#budgetInRow(subject, window) ?? this.#budgetInTable(subject, window);
  }

  /** Adds to what is used and held in a window of each allowance. */
  addToWindows(windows: readonly Omit<AllowanceWindow, 'limit'>[], used: bigint, held: bigint): void {
    this.#checkOpen();
    for (const { id, startsAt, endsAt } of windows) {
      const last = this.#inRow(id) ?? this.#lastInTable(id);
      if (last && last.endsAt > endsAt) this.#addInTable({ id, startsAt, endsAt, used, held });
      else if (last?.endsAt === endsAt) this.#moveToRow(last, used, held);
      else this.#begin({ id, startsAt, endsAt, used, held: held > 0n ? held : 0n }, last);
    }
  }

  /** Adds to what is spent and held of budgets. */
  addToBudgets(budgets: readonly BudgetName[], spent: bigint, held: bigint): void {
    this.#checkOpen();
    for (const { subject, window } of budgets) {
      const known = this.#budgetInRow(subject, window) ?? this.#budgetInTable(subject, window);
      const count = known ?? { subject, window, spent: 0n, held: 0n };
      const index = this.#budgets.indexOf(count);
      if (index >= 0) this.#budgets.splice(index, 1);
      else if (known) this.#connection.run(FORGET_BUDGET, this.#accountId, subject, window);
      this.#budgets.push(count);
      count.spent += spent;
      count.held = known ? notNegative(count.held + held) : held > 0n ? held : 0n;
      this.changed = true;
    }
  }

  /** The column `counts`; what has no room goes to the tables. Nothing is added after it. */
  save(): string | null {
    while (this.#windows.length > ROOM) this.#addInTable(this.#windows.shift() as WindowCount);
    while (this.#budgets.length > ROOM) {
      const { subject, window, spent, held } = this.#budgets.shift() as BudgetCount;
      this.#connection.run(KEEP_BUDGET, this.#accountId, subject, window, spent, held);
    }
    this.changed = false;
    this.#isSaved = true;
    if (this.#windows.length + this.#budgets.length === 0) return null;
    const windows = this.#windows.map((count) => {
      count.name ??= `${JSON.stringify(count.id)},${count.startsAt},${count.endsAt}`;
      return `[${count.name},"${count.used}","${count.held}"]`;
    });
    const budgets = this.#budgets.map((count) => {
      count.name ??= `${JSON.stringify(count.subject)},"${count.window}"`;
      return `[${count.name},"${count.spent}","${count.held}"]`;
    });
    const text = `{"windows":[${windows.join(',')}],"budgets":[${budgets.join(',')}]}`;
    remember(this.#accountId, text, { windows: this.#windows, budgets: this.#budgets });
    return text;
  }

  /** What was saved is remembered, and must stay what the text says. */
  #checkOpen(): void {
    if (this.#isSaved) throw new Error('counts can not change after they were saved');
  }

  #inRow(id: string): WindowCount | undefined {
    return this.#windows.find((one) => one.id === id);
  }

  #budgetInRow(subject: string, window: string): BudgetCount | undefined {
    return this.#budgets.find((one) => one.subject === subject && one.window === window);
  }

  #lastInTable(id: string): WindowCount | undefined {
    return this.#once(`window ${id}`, () => {
      const row = this.#connection.get(`${FIND_WINDOW} ORDER BY a.ends_at DESC LIMIT 1`, this.#accountId, id);
      return row && toAllowance(row);
    });
  }

  #budgetInTable(subject: string, window: string): BudgetCount | undefined {
    return this.#once(`budget ${window} ${subject}`, () => {
      const row = this.#connection.get(FIND_BUDGET, this.#accountId, subject, window);
      return row && toBudget(row);
    });
  }

  #once<T extends WindowCount | BudgetCount>(key: string, find: () => T | undefined): T | undefined {
    this.#read ??= new Map();
    const known = this.#read.get(key);
    if (known !== undefined) return (known as T | null) ?? undefined;
    const found = find();
    this.#read.set(key, found ?? null);
    return found;
  }

  #addInTable({ id, startsAt, endsAt, used, held }: AllowanceRecord): void {
    this.#connection.run(KEEP_WINDOW, this.#accountId, id, endsAt, startsAt, used, held, held);
  }

  #moveToRow(count: WindowCount, used: bigint, held: bigint): void {
    const index = this.#windows.indexOf(count);
    if (index >= 0) this.#windows.splice(index, 1);
    else this.#connection.run(FORGET_WINDOW, this.#accountId, count.id, count.endsAt);
    this.#windows.push(count);
    count.used += used;
    count.held = notNegative(count.held + held);
    this.changed = true;
  }

  #begin(count: WindowCount, before: WindowCount | undefined): void {
    const index = before === undefined ? -1 : this.#windows.indexOf(before);
    if (index >= 0) this.#addInTable(this.#windows.splice(index, 1)[0] as WindowCount);
    this.#windows.push(count);
    this.changed = true;
  }
}

interface Counts {
  readonly windows: WindowCount[];
  readonly budgets: BudgetCount[];
}

/** What the column of an account says, by what its last step wrote: its next one need not parse it. */
interface Remembered {
  text: string;
  counts: Counts | undefined;
}

const remembered = new Map<string, Remembered>();
const MAX_REMEMBERED = 1_000;

function remember(accountId: string, text: string, counts: Counts): void {
  const known = remembered.get(accountId);
  if (known) {
    known.text = text;
    known.counts = counts;
    return;
  }
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(accountId, { text, counts });
}

function countsOf(accountId: string, text: string | undefined): Counts {
  if (text === undefined) return { windows: [], budgets: [] };
  const known = remembered.get(accountId);
  if (known?.counts && known.text === text) {
    const { counts } = known;
    // The caller now owns them and may change them.
    known.counts = undefined;
    return counts;
  }
  const { windows = [], budgets = [] } = JSON.parse(text) as CountsJson;
  return {
    windows: windows.map(([id, startsAt, endsAt, used, held]) => {
      return { id, startsAt, endsAt, used: BigInt(used), held: BigInt(held) };
    }),
    budgets: budgets.map(([subject, window, spent, held]) => {
      return { subject, window, spent: BigInt(spent), held: BigInt(held) };
    }),
  };
}

function notNegative(held: bigint): bigint {
  if (held < 0n) throw new RangeError('less than nothing would be held');
  return held;
}

const of = (index: number) => `json_extract(one.value, '$[${index}]')`;

/** The column, and views of every window and budget wherever it is, for reports. */
export const COUNTS_STEP = `
  ALTER TABLE gateway_balances ADD COLUMN counts TEXT;
  CREATE VIEW gateway_all_allowances AS
    SELECT account_id, allowance, starts_at, ends_at, used, held FROM gateway_allowances
    UNION ALL SELECT account_id, ${of(0)}, ${of(1)}, ${of(2)}, CAST(${of(3)} AS INTEGER), CAST(${of(4)} AS INTEGER)
      FROM gateway_balances, json_each(counts, '$.windows') AS one;
  CREATE VIEW gateway_all_budgets AS
    SELECT account_id, subject, budget_window, spent, held FROM gateway_budgets
    UNION ALL SELECT account_id, ${of(0)}, ${of(1)}, CAST(${of(2)} AS INTEGER), CAST(${of(3)} AS INTEGER)
      FROM gateway_balances, json_each(counts, '$.budgets') AS one;
`;
