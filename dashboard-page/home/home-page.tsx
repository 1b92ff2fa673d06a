/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { count, money } from '../format.js';
import { t } from '../i18n.js';
import type { Home, Session } from '../shapes.js';
import { Loaded, PageHead, Stat } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { DaysCard } from './days-card.js';
import { ErrorsCard } from './errors-card.js';
import { FirstSteps } from './first-steps.js';
import { LimitsCard } from './limits-card.js';
import { isPaidFor, LowBalance, topUpOf } from './low-balance.js';
import { TopCard } from './top-card.js';

const REFRESH_MS = 10_000;

/** Is all well, and what was spent? Everything else is a page of its own. */
export function HomePage({ session }: { readonly session: Session }) {
  const topUp = topUpOf(session);
  const home = useResource<Home>(apiUrl('home'), REFRESH_MS);
  return (
    <>
      <PageHead title={t('nav.home')} intro={t('home.intro')}>
        {topUp && home.data && isPaidFor(home.data.account) && (
          <a class="button" href={topUp}>
            {t('billing.topUp')}
          </a>
        )}
      </PageHead>
      <Loaded resource={home} rows={10}>
        {(data) => <Overview home={data} session={session} />}
      </Loaded>
    </>
  );
}

function Overview({ home, session }: { readonly home: Home; readonly session: Session }) {
  const { account, month, errors, started } = home;
  const isNew = !started.key || !started.request;
  return (
    <>
      <LowBalance account={account} session={session} />
      {isNew && <FirstSteps started={started} session={session} />}
      <dl class="stats">
        {account.available === null ? (
          <Stat label={t('billing.plan')} value={account.plan} detail={t('home.metered')} />
        ) : (
          <Stat
            label={t('home.left')}
            value={money(account.available)}
            detail={Number(account.held) > 0 ? t('home.held', { amount: money(account.held) }) : undefined}
          />
        )}
        <Stat label={t('home.month')} value={money(month.spent)} detail={monthDetail(month)} />
        <Stat
          label={t('home.errors')}
          value={errors === null ? '–' : `${count(errors.count)}${errors.more ? '+' : ''}`}
          detail={errors === null ? t('requests.off') : t('home.errorsDetail')}
        />
      </dl>
      {!isNew && <DaysCard days={home.days} />}
      <div class="columns columns-wide">
        {errors && errors.count > 0 && <ErrorsCard errors={errors} />}
        <TopCard title={t('home.topModels')} rows={home.models} more="#/usage" />
        <TopCard title={t('home.topKeys')} rows={home.keys} more="#/keys" />
        <LimitsCard account={account} now={home.limits} />
      </div>
    </>
  );
}

function monthDetail({ spent, forecast, before }: Home['month']): string | undefined {
  if (Number(spent) === 0 && Number(before) === 0) return undefined;
  const last = t('home.lastMonth', { amount: money(before) });
  return forecast === null ? last : `${t('home.forecast', { amount: money(forecast) })} · ${last}`;
}
