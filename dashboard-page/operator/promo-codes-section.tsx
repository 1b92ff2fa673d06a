/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { count, date, money } from '../format.js';
import { t } from '../i18n.js';
import type { PromoCodeList } from '../shapes.js';
import { Icon } from '../ui/icons.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { notify } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';
import { PromoCodeDialog } from './promo-code-dialog.js';

/** All promo codes, and a way to add one. */
export function PromoCodesSection() {
  const codes = useResource<PromoCodeList>(apiUrl('operator/promo-codes', { limit: 100 }));
  const [creating, setCreating] = useState(false);
  const created = () => {
    setCreating(false);
    notify(t('operator.codeCreated'));
    codes.reload();
  };
  return (
    <>
      <div class="toolbar toolbar-end">
        <button type="button" class="button button-primary" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          {t('operator.createCode')}
        </button>
      </div>
      <section class="card card-table">
        <Loaded resource={codes}>{({ data }) => <PromoCodeTable codes={data} />}</Loaded>
      </section>
      {creating && <PromoCodeDialog onClose={() => setCreating(false)} onCreated={created} />}
    </>
  );
}

function PromoCodeTable({ codes }: { readonly codes: PromoCodeList['data'] }) {
  if (codes.length === 0) return <Empty title={t('operator.noCodes')} hint={t('operator.noCodesHint')} />;
  return (
    <Table
      label={t('operator.promoCodes')}
      rows={codes}
      rowKey={({ code }) => code}
      columns={[
        { title: t('operator.code'), header: true, cell: ({ code }) => <code class="strong">{code}</code> },
        { title: t('operator.status'), cell: (code) => <State code={code} /> },
        { title: t('keys.created'), cell: ({ createdAt }) => date(createdAt) },
        { title: t('keys.expires'), cell: ({ expiresAt }) => (expiresAt ? date(expiresAt) : t('time.never')) },
        {
          title: t('operator.redemptions'),
          numeric: true,
          cell: ({ redemptions, maxRedemptions }) =>
            `${count(redemptions)} / ${maxRedemptions === null ? '∞' : count(maxRedemptions)}`,
        },
        { title: t('billing.amount'), numeric: true, cell: ({ amount }) => money(amount) },
      ]}
    />
  );
}

type PromoCode = PromoCodeList['data'][number];

/** Whether a code still works, and why not. */
function State({ code: { expiresAt, redemptions, maxRedemptions, disabledAt } }: { readonly code: PromoCode }) {
  if (disabledAt) return <span class="badge">{t('promo.disabled')}</span>;
  if (expiresAt && Date.parse(expiresAt) <= Date.now()) return <span class="badge">{t('promo.expired')}</span>;
  if (maxRedemptions !== null && redemptions >= maxRedemptions)
    return <span class="badge">{t('promo.exhausted')}</span>;
  return <span class="badge badge-good">{t('promo.live')}</span>;
}
