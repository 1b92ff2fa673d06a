/** @jsxImportSource preact */
import { date, money } from '../format.js';
import { t } from '../i18n.js';
import type { Billing } from '../shapes.js';
import { Icon } from '../ui/icons.js';
import { Table } from '../ui/table.js';

/** Payments, newest first, each with Stripe's own receipt. */
export function ReceiptsCard({ receipts }: { readonly receipts: Billing['receipts'] }) {
  if (receipts.length === 0) return null;
  return (
    <>
      <h2 class="section-title">{t('pay.receipts')}</h2>
      <section class="card card-table">
        <Table
          label={t('pay.receipts')}
          rows={receipts}
          rowKey={({ id }) => id}
          columns={[
            { title: t('billing.date'), header: true, cell: ({ at }) => <time dateTime={at}>{date(at)}</time> },
            {
              title: t('requests.status'),
              cell: ({ refunded, currency }) =>
                Number(refunded) > 0 ? (
                  <span class="badge badge-warn">
                    {t('pay.refunded', { amount: money(refunded, 'held', currency) })}
                  </span>
                ) : (
                  <span class="badge badge-good">{t('pay.paid')}</span>
                ),
            },
            {
              title: t('billing.amount'),
              numeric: true,
              cell: ({ amount, currency }) => money(amount, 'held', currency),
            },
            {
              title: t('pay.receipt'),
              quiet: true,
              cell: ({ url, at }) =>
                url && (
                  <a
                    class="button button-quiet button-icon"
                    href={url}
                    target="_blank"
                    rel="noreferrer"
                    aria-label={t('pay.receiptOf', { date: date(at) })}
                  >
                    <Icon name="external" />
                  </a>
                ),
            },
          ]}
        />
      </section>
    </>
  );
}
