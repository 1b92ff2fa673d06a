/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Account, Session } from '../shapes.js';
import { Icon } from '../ui/icons.js';
import { Loaded, PageHead, Stat } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { HistoryCard } from './history-card.js';
import { PlanCard } from './plan-card.js';
import { RedeemForm } from './redeem-form.js';

const REFRESH_MS = 10_000;

/** Balance, plan, promo codes and every movement of money. */
export function BillingPage({ session }: { readonly session: Session }) {
  const account = useResource<Account>(apiUrl('account'), REFRESH_MS);
  return (
    <>
      <PageHead title={t('billing.title')} intro={t('billing.intro')}>
        {session.topUpUrl && (
          <a class="button button-primary" href={session.topUpUrl}>
            {t('billing.topUp')}
            <Icon name="external" />
          </a>
        )}
      </PageHead>
      <Loaded resource={account}>
        {(data) => (
          <>
            <dl class="stats">
              <Stat label={t('billing.available')} value={money(Number(data.balance) - Number(data.held))} />
              <Stat label={t('billing.balance')} value={money(data.balance)} />
              <Stat label={t('billing.held')} value={money(data.held)} />
            </dl>
            <div class="columns">
              <PlanCard account={data} upgradeUrl={session.upgradeUrl} />
              <RedeemForm onRedeemed={account.reload} />
            </div>
          </>
        )}
      </Loaded>
      <HistoryCard />
    </>
  );
}
