/** @jsxImportSource preact */
import { count, date, dateTime, money } from '../format.js';
import { findMessage, t } from '../i18n.js';
import type { Change } from '../shapes.js';
import { type Column, Table } from '../ui/table.js';

interface ChangeTableProps {
  readonly changes: readonly Change[];
  /** What an account is called; without it all changes are of one account. */
  readonly accountName?: (id: string) => string;
}

/** What operators did, newest first. */
export function ChangeTable({ changes, accountName }: ChangeTableProps) {
  const account: Column<Change> = {
    title: t('operator.account'),
    cell: ({ accountId }) =>
      accountId === null ? (
        '–'
      ) : (
        <a href={`#/operator/accounts/${encodeURIComponent(accountId)}`}>
          <bdi class="clip">{accountName?.(accountId)}</bdi>
        </a>
      ),
  };
  return (
    <Table
      label={t('audit.title')}
      rows={changes}
      rowKey={({ id }) => id}
      columns={[
        { title: t('audit.date'), cell: ({ at }) => <time dateTime={at}>{dateTime(at)}</time> },
        {
          title: t('audit.what'),
          header: true,
          cell: ({ action }) => <ActionName action={action} />,
        },
        ...(accountName ? [account] : []),
        { title: t('audit.details'), cell: (change) => <bdi class="muted">{detailsOf(change) || '–'}</bdi> },
        { title: t('audit.operator'), cell: ({ operator }) => <bdi>{operator}</bdi> },
      ]}
    />
  );
}

/** A name of the host's own may be long; those of the dashboard stay on one line. */
function ActionName({ action }: { readonly action: string }) {
  const name = findMessage(`change.${action}`);
  return <b class={name === undefined ? 'strong' : 'strong one-line'}>{name ?? action}</b>;
}

/** What was set, in words. */
function detailsOf({ subject, details }: Change): string {
  const values = Object.entries(details).map(([name, value]) => shownValue(name, value));
  return [subject, ...values].filter(Boolean).join(' · ');
}

function shownValue(name: string, value: unknown): string {
  if (name === 'budget') return budgetText(value);
  if (name === 'lockedBudget') return t(value ? 'audit.locked' : 'audit.unlocked');
  if (name === 'amount') return money(String(value));
  if (name === 'expiresAt') return t('audit.until', { date: date(String(value)) });
  if (name === 'maxRedemptions') return t('audit.times', { n: count(Number(value)) });
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function budgetText(value: unknown): string {
  if (value === null || typeof value !== 'object') return t('audit.noBudget');
  const { amount, period } = value as { amount: string; period: string };
  return `${money(amount)} ${findMessage(`keys.per.${period}`) ?? period}`;
}
