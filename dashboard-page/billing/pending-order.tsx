/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n.js';
import type { Account } from '../shapes.js';
import { notify } from '../ui/toasts.js';

const STORAGE_KEY = 'ai-gateway-order';
const CHECK_MS = 2_000;
/** Stripe tells of a payment within seconds; later than this it shows up with the next look at the page. */
const MOST_WAIT_MS = 60_000;

/** What an account had when it went to Stripe's page: how it is known, back here, that the payment has arrived. */
interface PendingOrder {
  readonly plan: string;
  readonly balance: string;
  readonly at: number;
}

/** Notes what the account has before its owner goes to pay; a browser that forbids storage forgets it. */
export function rememberOrder({ plan, balance }: Account): void {
  const order: PendingOrder = { plan, balance, at: Date.now() };
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(order));
  } catch {}
}

interface PendingNoticeProps {
  readonly account: Account;
  /** Reads all of the page anew. */
  readonly reload: () => void;
}

/** Back from Stripe's page: looks for the payment until it has arrived, and says so either way. */
export function PendingNotice({ account, reload }: PendingNoticeProps) {
  const [order, setOrder] = useState(takeOrder);
  const arrived = order && (account.plan !== order.plan || Number(account.balance) > Number(order.balance));
  useEffect(() => {
    if (!order) return;
    const end = setTimeout(() => setOrder(undefined), MOST_WAIT_MS);
    return () => clearTimeout(end);
  }, [order]);
  useEffect(() => {
    if (!order || arrived) return;
    const timer = setInterval(reload, CHECK_MS);
    return () => clearInterval(timer);
  }, [order, arrived, reload]);
  useEffect(() => {
    if (!arrived) return;
    setOrder(undefined);
    notify(t('pay.arrived'));
    reload();
  }, [arrived, reload]);
  if (!order) return null;
  return (
    <section class="card notice" role="status">
      <p>{t('pay.waiting')}</p>
      <button type="button" class="button" onClick={() => setOrder(undefined)}>
        {t('action.close')}
      </button>
    </section>
  );
}

/** The order that was noted, once; an order of another day no longer counts. */
function takeOrder(): PendingOrder | undefined {
  try {
    const stored = sessionStorage.getItem(STORAGE_KEY);
    sessionStorage.removeItem(STORAGE_KEY);
    const order = stored === null ? undefined : (JSON.parse(stored) as PendingOrder);
    return order && Date.now() - order.at < 24 * 3_600_000 ? order : undefined;
  } catch {
    return undefined;
  }
}
