/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { postTo } from '../client.js';
import { isPaidFor } from '../home/low-balance.js';
import { t } from '../i18n.js';
import type { Account, Billing } from '../shapes.js';
import { notifyError } from '../ui/toasts.js';
import { type Resource, useResource } from '../use-resource.js';
import { AutoReloadCard } from './auto-reload-card.js';
import { OffersCard } from './offers-card.js';
import { rememberOrder } from './pending-order.js';
import { TopUpCard } from './top-up-card.js';

/** What `stripeBilling` says and takes at its mount. */
export interface Payments {
  readonly state: Resource<Billing>;
  readonly url: (route: string) => string;
  /** Opens a page of Stripe; the name of the order that is on its way. */
  readonly order: (name: string, route: string, body?: object) => Promise<void>;
  /** Opens the page on which credit or a plan is paid. */
  readonly buy: (name: string, what: object, account: Account) => Promise<void>;
  readonly ordering: string | undefined;
}

/** @param mount where billing is mounted: `/billing`. */
export function usePayments(mount: string): Payments {
  const url = (route: string) => new URL(`${mount.replace(/\/+$/, '')}/${route}`, location.href).href;
  const state = useResource<Billing>(url('state'));
  const [ordering, setOrdering] = useState<string>();
  // A page that the browser kept for Back still looks as it was left.
  useEffect(() => {
    const back = () => setOrdering(undefined);
    addEventListener('pageshow', back);
    return () => removeEventListener('pageshow', back);
  }, []);
  const order = async (name: string, route: string, body: object = {}) => {
    setOrdering(name);
    try {
      location.assign((await postTo<{ readonly url: string }>(url(route), body)).url);
    } catch (error) {
      notifyError(error);
      setOrdering(undefined);
    }
  };
  const buy: Payments['buy'] = async (name, what, account) => {
    rememberOrder(account);
    await order(name, 'checkout', what);
  };
  return { state, url, order, buy, ordering };
}

/** Credit, plans and auto-reload; a failure of Stripe takes nothing else of the page with it. */
export function PaymentCards({ payments, account }: { readonly payments: Payments; readonly account: Account }) {
  const { data, error, reload } = payments.state;
  if (!data && error === undefined) return <div class="card skeleton" aria-busy="true" />;
  if (!data)
    return (
      <section class="card notice notice-warn" role="alert">
        <p>{t('pay.failed')}</p>
        <button type="button" class="button" onClick={reload}>
          {t('action.retry')}
        </button>
      </section>
    );
  const isPaid = isPaidFor(account);
  return (
    <>
      {isPaid && data.packs.length > 0 && <TopUpCard billing={data} payments={payments} account={account} />}
      {data.plans.length > 0 && <OffersCard billing={data} payments={payments} account={account} />}
      {data.autoReload.offered && (isPaid || data.autoReload.enabled) && (
        <AutoReloadCard billing={data} payments={payments} />
      )}
    </>
  );
}
