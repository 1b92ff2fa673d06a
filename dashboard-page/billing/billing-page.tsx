/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { money } from '../format.js';
import { isPaidFor } from '../home/low-balance.js';
import { t } from '../i18n.js';
import type { Account, Session } from '../shapes.js';
import { Icon } from '../ui/icons.js';
import { Loaded, PageHead, Stat } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { HistoryCard } from './history-card.js';
import { PaymentCards, type Payments, usePayments } from './payments.js';
import { PendingNotice } from './pending-order.js';
import { PlanCard } from './plan-card.js';
import { ReceiptsCard } from './receipts-card.js';
import { RedeemForm } from './redeem-form.js';
import { SourcesCard } from './sources-card.js';

const REFRESH_MS = 10_000;

/** Balance, plan, promo codes, payments and every movement of money. */
export function BillingPage({ session }: { readonly session: Session }) {
  return session.billing === undefined ? (
    <Page session={session} cards={() => null} />
  ) : (
    <WithPayments session={session} mount={session.billing} />
  );
}

function WithPayments({ session, mount }: { readonly session: Session; readonly mount: string }) {
  const payments = usePayments(mount);
  const { data } = payments.state;
  return (
    <Page
      session={session}
      cards={(account) => <PaymentCards payments={payments} account={account} />}
      payments={payments}
      receipts={data && <ReceiptsCard receipts={data.receipts} />}
      actions={
        (data?.card || data?.subscription) && (
          <button
            type="button"
            class="button"
            disabled={payments.ordering !== undefined}
            onClick={() => void payments.order('portal', 'portal')}
          >
            {t('pay.manage')}
            <Icon name="external" />
          </button>
        )
      }
    />
  );
}

interface PageProps {
  readonly session: Session;
  readonly cards: (account: Account) => ComponentChildren;
  readonly payments?: Payments;
  readonly receipts?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

function Page({ session, cards, payments, receipts, actions }: PageProps) {
  const account = useResource<Account>(apiUrl('account'), REFRESH_MS);
  const [changes, setChanges] = useState(0);
  const readAgain = useCallback(() => {
    setChanges((before) => before + 1);
    account.reload();
    payments?.state.reload();
  }, [account.reload, payments?.state.reload]);
  return (
    <>
      <PageHead title={t('billing.title')} intro={t('billing.intro')}>
        {actions}
        {session.topUpUrl && (account.data ? isPaidFor(account.data) : account.error !== undefined) && (
          <a class="button button-primary" href={session.topUpUrl}>
            {t('billing.topUp')}
            <Icon name="external" />
          </a>
        )}
      </PageHead>
      <Loaded resource={account}>
        {(data) => (
          <>
            {payments && <PendingNotice account={data} reload={readAgain} />}
            {data.available !== null && (
              <dl class="stats">
                <Stat label={t('billing.left')} value={money(data.available)} />
                <Stat label={t('billing.balance')} value={money(data.balance)} />
                <Stat label={t('billing.held')} value={money(data.held)} />
              </dl>
            )}
            <div class="columns">
              <SourcesCard account={data} />
              <PlanCard account={data} upgradeUrl={session.upgradeUrl} />
              {cards(data)}
              <RedeemForm onRedeemed={readAgain} />
            </div>
          </>
        )}
      </Loaded>
      {receipts}
      <HistoryCard changes={changes} />
    </>
  );
}
