/** @jsxImportSource preact */
import { EntryTable } from '../billing/entry-table.js';
import { SourcesCard } from '../billing/sources-card.js';
import { apiUrl, post } from '../client.js';
import { ago, count, date, money } from '../format.js';
import { LimitsCard } from '../home/limits-card.js';
import { t } from '../i18n.js';
import { accountUrl } from '../reads.js';
import { addressOf, type Place } from '../router.js';
import type { AccountDetails } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { Icon } from '../ui/icons.js';
import { PlanBadge } from '../ui/plan-badge.js';
import { Empty, Loaded, Stat } from '../ui/states.js';
import { notify } from '../ui/toasts.js';
import { RangePicker } from '../usage/range-picker.js';
import { UsageReport } from '../usage/usage-report.js';
import { useResource } from '../use-resource.js';
import { AccountForms } from './account-forms.js';
import { AccountKeys } from './account-keys.js';
import { ChangeTable } from './change-table.js';
import { EraseCard } from './erase-card.js';

/** One account: what its owner asks support about, and what an operator may do. */
export function AccountPage({ id, place }: { readonly id: string; readonly place: Place }) {
  const account = useResource<AccountDetails>(accountUrl(id));
  const write = async (action: string, body: object, done: string) => {
    await post(`operator/${action}`, body);
    notify(done);
    account.reload();
  };
  return (
    <>
      <a class="back" href="#/operator/accounts">
        <Icon name="back" />
        {t('operator.accounts')}
      </a>
      <Loaded resource={account} rows={10}>
        {(data) => <Details account={data} write={write} place={place} />}
      </Loaded>
    </>
  );
}

/** Writes below `operator/`, says that it is done, and reads the account anew. */
export type Write = (action: string, body: object, done: string) => Promise<void>;

interface DetailsProps {
  readonly account: AccountDetails;
  readonly write: Write;
  readonly place: Place;
}

function Details({ account, write, place }: DetailsProps) {
  const { id, displayName, email, plan, suspended, createdAt, lastSeenAt } = account;
  return (
    <>
      <header class="page-head">
        <div>
          <h2 class="account-title">
            <bdi>{displayName ?? email ?? id}</bdi> <PlanBadge plan={plan} />{' '}
            {suspended && <span class="badge badge-bad">{t('operator.suspended')}</span>}
          </h2>
          <p>
            <code>{id}</code> {email && `· ${email}`} · {t('operator.since', { date: date(createdAt) })}
            {lastSeenAt && ` · ${t('operator.seen', { time: ago(lastSeenAt) })}`}
          </p>
          {suspended?.reason && <p>{suspended.reason}</p>}
        </div>
        <div class="page-actions">
          <a class="button" href={addressOf(['operator', 'requests'], { accountId: id })}>
            {t('nav.requests')}
          </a>
        </div>
      </header>
      <dl class="stats">
        <Stat
          label={t('home.left')}
          value={account.available === null ? '–' : money(account.available)}
          detail={Number(account.held) > 0 ? t('home.held', { amount: money(account.held) }) : undefined}
        />
        <Stat label={t('billing.balance')} value={money(account.balance)} />
        <Stat
          label={t('operator.spend30')}
          value={money(account.spend)}
          detail={t('history.requests', { n: count(account.requests) })}
        />
      </dl>
      <div class="columns">
        <SourcesCard account={account} />
        <LimitsCard account={account} now={account.limitsNow} />
      </div>
      <AccountForms account={account} write={write} />
      <AccountKeys keys={account.keys} count={account.keyCount} write={write} />
      <div class="toolbar history-bar">
        <h2>{t('billing.history')}</h2>
        <DownloadLink href={apiUrl(`operator/accounts/${encodeURIComponent(id)}/movements.csv`)} />
      </div>
      <section class="card card-table">
        {account.history.length > 0 ? (
          <EntryTable entries={account.history} />
        ) : (
          <Empty title={t('billing.empty')} hint={t('billing.emptyHint')} />
        )}
      </section>
      {account.changes && account.changes.length > 0 && (
        <>
          <div class="toolbar history-bar">
            <h2>{t('audit.recent')}</h2>
            <a href={addressOf(['operator', 'audit'], { accountId: id })}>{t('audit.all')}</a>
          </div>
          <section class="card card-table">
            <ChangeTable changes={account.changes} />
          </section>
        </>
      )}
      <div class="toolbar history-bar">
        <h2>{t('usage.title')}</h2>
        <RangePicker place={place} />
      </div>
      <UsageReport
        scope="operator"
        place={place}
        group="model"
        only={{ accountId: id }}
        groupTitle={t('usage.model')}
        nameOf={(model) => model}
      />
      <EraseCard id={id} />
    </>
  );
}
