/** @jsxImportSource preact */
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Account, Session } from '../shapes.js';

/** Below this, in US dollars, an account is warned. */
const LOW = 1;

/** Where an account adds money: the host's own page, or Billing where it sells credit. */
export function topUpOf({ topUpUrl, billing }: Session): string | undefined {
  return topUpUrl ?? (billing === undefined ? undefined : '#/billing');
}

/** Whether money does anything for an account: from the balance of a metered one nothing is taken. */
export function isPaidFor({ billing }: Pick<Account, 'billing'>): boolean {
  return billing !== 'metered';
}

/** Says that a prepaid account is about to be refused. */
export function LowBalance({ account, session }: { readonly account: Account; readonly session: Session }) {
  if (account.available === null || Number(account.available) >= LOW) return null;
  const left = Number(account.available);
  const topUp = topUpOf(session);
  return (
    <section class="card notice notice-warn" role="status">
      <div>
        <h2>{left <= 0 ? t('home.empty') : t('home.low', { amount: money(left) })}</h2>
        <p>{t('home.lowHint')}</p>
      </div>
      {topUp && (
        <a class="button button-primary" href={topUp}>
          {t('billing.topUp')}
        </a>
      )}
    </section>
  );
}
