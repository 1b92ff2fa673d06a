/** @jsxImportSource preact */
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Key } from '../shapes.js';
import { Progress } from '../ui/progress.js';
import { NOTHING } from '../ui/table.js';

/** A key's budget, and how much of it is used in the period that runs. */
export function KeyBudget({ apiKey: { budget, budgetSpent: spent, name } }: { readonly apiKey: Key }) {
  if (!budget) return NOTHING;
  return (
    <span class="budget">
      <span class="small">
        {spent === null ? '' : `${money(spent)} / `}
        {money(budget.amount)} <span class="muted">{t(`keys.per.${budget.period}`)}</span>
      </span>
      <Progress label={t('keys.budgetOf', { name })} used={Number(spent ?? 0)} all={Number(budget.amount)} />
    </span>
  );
}
