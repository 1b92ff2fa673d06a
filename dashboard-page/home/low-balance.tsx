/** @jsxImportSource preact */
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Account, Session } from '../shapes.js';

/** Below this, in US dollars, an account is warned. */
const LOW = 1;

/** Says that a prepaid account is about to be refused. */
export function LowBalance({ account, session }: { readonly account: Account; readonly session: Session }) {
  if (account.available === null || Number(account.available) >= LOW) return null;
  const left = Number(account.available);
  return (
    <section class="card notice notice-warn" role="status">
      <div>
        <h2>{left <= 0 ? t('home.empty') : t('home.low', { amount: money(left) })}</h2>
        <p>{t('home.lowHint')}</p>
      </div>
      {session.topUpUrl && (
        <a class="button button-primary" href={session.topUpUrl}>
          {t('billing.topUp')}
        </a>
      )}
    </section>
  );
}
