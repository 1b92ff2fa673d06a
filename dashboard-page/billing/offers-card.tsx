/** @jsxImportSource preact */
import { date, money } from '../format.js';
import { findMessage, t } from '../i18n.js';
import type { Account, Billing } from '../shapes.js';
import type { Payments } from './payments.js';

interface OffersCardProps {
  readonly billing: Billing;
  readonly account: Account;
  readonly payments: Payments;
}

/** The plans that can be bought, and the subscription that runs. */
export function OffersCard({ billing, account, payments }: OffersCardProps) {
  const { plans, subscription } = billing;
  return (
    <section class="card">
      <div class="card-head">
        <h2>{t('pay.plans')}</h2>
      </div>
      {subscription && <p class="muted">{subscriptionText(subscription)}</p>}
      <ul class="rows">
        {plans.map((offer) => (
          <li key={offer.plan}>
            <span class="rows-main">
              <b class="strong">{offer.plan}</b>
              <br />
              <span class="muted small">{priceOf(offer)}</span>
            </span>
            {offer.plan === account.plan ? (
              <span class="badge badge-good">{t('pay.current')}</span>
            ) : (
              <button
                type="button"
                class="button button-small"
                disabled={payments.ordering !== undefined}
                onClick={() => void payments.buy(offer.plan, { plan: offer.plan }, account)}
              >
                {t('pay.choose', { plan: offer.plan })}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function priceOf({ amount, currency, interval }: Billing['plans'][number]): string {
  const price = money(amount, 'held', currency);
  if (!interval) return price;
  return findMessage(`pay.per.${interval}`)?.replace('{amount}', price) ?? price;
}

function subscriptionText({ status, currentPeriodEnd, cancelAtPeriodEnd }: NonNullable<Billing['subscription']>) {
  if (status === 'past_due') return t('pay.pastDue');
  if (!currentPeriodEnd) return '';
  return t(cancelAtPeriodEnd ? 'pay.ends' : 'pay.renews', { date: date(currentPeriodEnd) });
}
