/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl, post } from '../client.js';
import { now } from '../clock.js';
import { count, date, money } from '../format.js';
import { t } from '../i18n.js';
import { promoCodesUrl } from '../reads.js';
import type { Place } from '../router.js';
import type { PromoCodeList } from '../shapes.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { DownloadLink } from '../ui/download-link.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { OlderLinks } from '../ui/older-links.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { notify, notifyError } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';
import { PromoCodeDialog } from './promo-code-dialog.js';

const PAGE_SIZE = 50;

/** All promo codes, and a way to add one. */
export function PromoCodesSection({ place }: { readonly place: Place }) {
  const codes = useResource<PromoCodeList>(promoCodesUrl(place));
  const [creating, setCreating] = useState(false);
  const [disabling, setDisabling] = useState<string>();
  const disable = async (code: string) => {
    try {
      await post(`operator/promo-codes/${encodeURIComponent(code)}/disable`);
      notify(t('operator.codeDisabled'));
      codes.reload();
    } catch (error) {
      notifyError(error);
    }
    setDisabling(undefined);
  };
  const created = () => {
    setCreating(false);
    notify(t('operator.codeCreated'));
    codes.reload();
  };
  return (
    <>
      <div class="toolbar toolbar-end">
        <DownloadLink href={apiUrl('operator/promo-codes.csv')} />
        <button type="button" class="button button-primary" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          {t('operator.createCode')}
        </button>
      </div>
      <section class="card card-table">
        <Loaded resource={codes}>
          {({ data }) => (
            <>
              <PromoCodeTable codes={data} onDisable={setDisabling} />
              <OlderLinks place={place} last={data.length === PAGE_SIZE ? data.at(-1)?.code : undefined} />
            </>
          )}
        </Loaded>
      </section>
      {disabling !== undefined && (
        <ConfirmDialog
          title={t('operator.disableTitle')}
          action={t('operator.disableCode')}
          onClose={() => setDisabling(undefined)}
          onConfirm={() => disable(disabling)}
        >
          <p class="dialog-text">{t('operator.disableHint', { code: disabling })}</p>
        </ConfirmDialog>
      )}
      {creating && <PromoCodeDialog onClose={() => setCreating(false)} onCreated={created} />}
    </>
  );
}

interface PromoCodeTableProps {
  readonly codes: PromoCodeList['data'];
  readonly onDisable: (code: string) => void;
}

function PromoCodeTable({ codes, onDisable }: PromoCodeTableProps) {
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
        {
          title: t('keys.actions'),
          quiet: true,
          cell: ({ code, disabledAt }) =>
            !disabledAt && (
              <Menu
                label={t('keys.actionsOf', { name: code })}
                items={[{ text: t('operator.disableCode'), danger: true, run: () => onDisable(code) }]}
              />
            ),
        },
      ]}
    />
  );
}

type PromoCode = PromoCodeList['data'][number];

/** Whether a code still works, and why not. */
function State({ code: { expiresAt, redemptions, maxRedemptions, disabledAt } }: { readonly code: PromoCode }) {
  if (disabledAt) return <span class="badge">{t('promo.disabled')}</span>;
  if (expiresAt && Date.parse(expiresAt) <= now()) return <span class="badge">{t('promo.expired')}</span>;
  if (maxRedemptions !== null && redemptions >= maxRedemptions)
    return <span class="badge">{t('promo.exhausted')}</span>;
  return <span class="badge badge-good">{t('promo.live')}</span>;
}
