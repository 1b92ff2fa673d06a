/** @jsxImportSource preact */
import { dateTime, money } from '../format.js';
import { t } from '../i18n.js';
import type { Entry } from '../shapes.js';
import { Table } from '../ui/table.js';
import { Amount } from './history-card.js';

/** Single movements of money, newest first. */
export function EntryTable({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <Table
      label={t('billing.history')}
      rows={entries}
      rowKey={({ id }) => id}
      columns={[
        { title: t('billing.date'), cell: ({ at }) => <time dateTime={at}>{dateTime(at)}</time> },
        { title: t('billing.kind'), header: true, cell: ({ kind }) => <b class="strong">{t(`entry.${kind}`)}</b> },
        {
          title: t('billing.details'),
          cell: ({ note, reference }) => (
            <span class="clip muted" title={reference}>
              <bdi>{note ?? reference}</bdi>
            </span>
          ),
        },
        { title: t('billing.amount'), numeric: true, cell: ({ amount }) => <Amount amount={amount} /> },
        { title: t('billing.after'), numeric: true, cell: ({ balanceAfter }) => money(balanceAfter) },
      ]}
    />
  );
}
