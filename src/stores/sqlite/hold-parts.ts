import { StringMap } from '../../lib/string-map.js';
import type { BudgetWindow, Draw } from '../../meter/holds.js';
import { parsedJson, toDraw } from '../ledger-rows.js';
import { money } from '../row-values.js';
import type { SqliteRow } from './sqlite-database.js';

/** What an open hold is made of. */
export interface HoldParts {
  readonly draw: Draw;
  readonly budgets: readonly Pick<BudgetWindow, 'subject' | 'window'>[];
}

/** The column `split` as lists, one after another: names and nesting cost as much as the rest of the row. */
type PartsJson = readonly [
  allowance: string,
  windows: readonly (string | number)[],
  grants: readonly string[],
  budgets: readonly string[],
];

/** Writes the column `split`; null when all is held on the balance and in no budget. */
export function partsToText({ allowance, windows, grants }: Draw, budgets: HoldParts['budgets'] = []): string | null {
  if (allowance === 0n && grants.length === 0 && budgets.length === 0) return null;
  const windowParts = windows.map(
    ({ id, limit, startsAt, endsAt }) => `${JSON.stringify(id)},"${limit}",${startsAt},${endsAt}`,
  );
  const grantParts = grants.map(({ id, amount }) => `${JSON.stringify(id)},"${amount}"`);
  const budgetParts = budgets.map(({ subject, window }) => `${JSON.stringify(subject)},"${window}"`);
  return `["${allowance}",[${windowParts.join()}],[${grantParts.join()}],[${budgetParts.join()}]]`;
}

const MAX_REMEMBERED = 4_096;
/** What open holds are made of, by their ids: a process settles what it held, and need not parse it. */
let remembered = new StringMap<{ readonly split: string; readonly parts: HoldParts }>();

/** Remembers what a hold is made of. @param split as it was written. */
export function rememberParts(id: string, split: string | null, parts: HoldParts): void {
  if (split === null) return;
  if (remembered.size >= MAX_REMEMBERED) remembered = new StringMap();
  remembered.set(id, { split, parts });
}

/** What an ended hold was made of. */
export function endedParts(id: string, row: SqliteRow): HoldParts {
  const known = row['split'] === null ? undefined : remembered.get(id);
  if (!known) return toParts(row);
  remembered.delete(id);
  const isSame = known.split === row['split'] && known.parts.draw.balance === money(row['balance']);
  return isSame ? known.parts : toParts(row);
}

/** Reads the columns `balance`, `split` and `budgets`; holds from before have names in `split`, and their budgets beside it. */
export function toParts(row: SqliteRow): HoldParts {
  const split = parsedJson<PartsJson | object>(row['split']);
  if (!isParts(split)) return { draw: toDraw(row), budgets: parsedJson<HoldParts['budgets']>(row['budgets']) ?? [] };
  const [allowance, windows, grants, budgets] = split;
  return {
    draw: {
      allowance: BigInt(allowance),
      windows: groupsOf(windows, 4).map(([id, limit, startsAt, endsAt]) => {
        return { id: String(id), limit: BigInt(limit ?? 0), startsAt: Number(startsAt), endsAt: Number(endsAt) };
      }),
      grants: groupsOf(grants, 2).map(([id = '', amount = '0']) => ({ id, amount: BigInt(amount) })),
      balance: money(row['balance']),
    },
    budgets: groupsOf(budgets, 2).map(([subject = '', window = '']) => ({ subject, window })),
  };
}

function isParts(split: PartsJson | object | undefined): split is PartsJson {
  return Array.isArray(split);
}

function groupsOf<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
}
