/** @jsxImportSource preact */
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Account, Billing } from '../shapes.js';
import type { Payments } from './payments.js';

interface TopUpCardProps {
  readonly billing: Billing;
  readonly payments: Payments;
  readonly account: Account;
}

/** Amounts of credit to buy, a button each. */
export function TopUpCard({ billing, payments, account }: TopUpCardProps) {
  const { packs, card } = billing;
  return (
    <section class="card">
      <div class="card-head">
        <h2>{t('pay.topUp')}</h2>
        {card && <span class="badge">{cardName(card)}</span>}
      </div>
      <p class="muted">{t('pay.topUpHint')}</p>
      <div class="packs">
        {packs.map((pack) => (
          <button
            key={pack}
            type="button"
            class="button pack"
            aria-label={t('pay.buy', { amount: money(pack) })}
            disabled={payments.ordering !== undefined}
            onClick={() => void payments.buy(pack, { pack }, account)}
          >
            {money(pack).replace(/\.00$/, '')}
          </button>
        ))}
      </div>
    </section>
  );
}

/** `Visa ending in 4242`. */
export function cardName({ brand, last4 }: NonNullable<Billing['card']>): string {
  return t('pay.card', { brand: brand.charAt(0).toUpperCase() + brand.slice(1), last4 });
}
