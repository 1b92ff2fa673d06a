/** @jsxImportSource preact */
import { date, money } from '../format.js';
import { numberFormat } from '../formatters.js';
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
          <li key={offer.price}>
            <span class="rows-main">
              <b class="strong">{offer.plan}</b>
              <br />
              <span class="muted small">{priceOf(offer)}</span>
            </span>
            {isCurrent(offer, account, subscription) ? (
              <span class="badge badge-good">{t('pay.current')}</span>
            ) : (
              <button
                type="button"
                class="button button-small"
                disabled={payments.ordering !== undefined}
                onClick={() => void payments.buy(offer.price, { plan: offer.price }, account)}
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

type Offer = Billing['plans'][number];

/** A plan may be sold at several prices, a month and a year: the account pays one of them. */
function isCurrent({ plan, price }: Offer, account: Account, subscription: Billing['subscription']): boolean {
  return plan === account.plan && (subscription?.plan !== plan || subscription.price === price);
}

function priceOf({ amount, currency, interval, intervalCount }: Offer): string {
  if (amount === null) return t('pay.atCheckout');
  const price = money(amount, 'held', currency);
  if (intervalCount === 1) return findMessage(`pay.per.${interval}`)?.replace('{amount}', price) ?? price;
  const period = numberFormat({ style: 'unit', unit: interval, unitDisplay: 'long' }).format(intervalCount);
  return t('pay.every', { amount: price, period });
}

function subscriptionText({ status, currentPeriodEnd, cancelAtPeriodEnd }: NonNullable<Billing['subscription']>) {
  if (status === 'past_due') return t('pay.pastDue');
  if (!currentPeriodEnd) return '';
  return t(cancelAtPeriodEnd ? 'pay.ends' : 'pay.renews', { date: date(currentPeriodEnd) });
}
