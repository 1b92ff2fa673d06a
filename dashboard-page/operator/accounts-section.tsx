/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { ago, money } from '../format.js';
import { t } from '../i18n.js';
import { addressOf, choose, type Place } from '../router.js';
import type { AccountList } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { OlderLinks } from '../ui/older-links.js';
import { PlanBadge } from '../ui/plan-badge.js';
import { SearchField } from '../ui/search-field.js';
import { Select } from '../ui/select.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';

const PAGE_SIZE = 25;

/** Accounts with plan, balance and spend: search by whatever a customer sends, sort, page, open. */
export function AccountsSection({ place }: { readonly place: Place }) {
  const { query } = place;
  const search = query.get('search') ?? '';
  const sort = query.get('sort') === 'spend' ? 'spend' : 'id';
  const after = query.get('after') ?? undefined;
  const asked = { search: search.trim() || undefined, sort, after, limit: PAGE_SIZE };
  const accounts = useResource<AccountList>(apiUrl('operator/accounts', asked));
  return (
    <>
      <div class="toolbar">
        <SearchField
          label={t('operator.searchAll')}
          value={search}
          onInput={(text) => choose(place, { search: text, after: undefined })}
        />
        <Select
          label={t('operator.sort')}
          value={sort}
          options={[
            ['id', t('operator.sort.id')],
            ['spend', t('operator.sort.spend')],
          ]}
          onChange={(next) => choose(place, { sort: next, after: undefined })}
        />
        <DownloadLink href={apiUrl('operator/accounts.csv')} />
      </div>
      <section class="card card-table">
        <Loaded resource={accounts}>
          {({ data, found }) => (
            <>
              {found && <FoundLink found={found} />}
              {(data.length > 0 || !found) && <AccountTable accounts={data} />}
              <OlderLinks place={place} by="after" last={data.length === PAGE_SIZE ? data.at(-1)?.id : undefined} />
            </>
          )}
        </Loaded>
      </section>
    </>
  );
}

/** What the search named beside accounts: a request or a key. */
function FoundLink({ found: { kind, id, accountId } }: { readonly found: NonNullable<AccountList['found']> }) {
  return (
    <p class="found">
      {kind === 'request' ? (
        <a href={addressOf(['operator', 'requests', id])}>{t('operator.foundRequest', { id })}</a>
      ) : (
        <a href={addressOf(['operator', 'accounts', accountId])}>{t('operator.foundKey', { account: accountId })}</a>
      )}
    </p>
  );
}

function AccountTable({ accounts }: { readonly accounts: AccountList['data'] }) {
  if (accounts.length === 0) return <Empty title={t('operator.noAccounts')} hint={t('operator.noAccountsHint')} />;
  return (
    <Table
      label={t('operator.accounts')}
      rows={accounts}
      rowKey={({ id }) => id}
      columns={[
        {
          title: t('operator.account'),
          header: true,
          cell: ({ id, displayName, email }) => (
            <span class="stack">
              <a class="strong" href={addressOf(['operator', 'accounts', id])}>
                <bdi>{displayName ?? email ?? id}</bdi>
              </a>
              {(displayName || email) && <bdi class="muted small">{displayName && email ? email : id}</bdi>}
            </span>
          ),
        },
        {
          title: t('billing.plan'),
          cell: ({ plan, suspended }) => (
            <span class="chips">
              <PlanBadge plan={plan} />
              {suspended && <span class="badge badge-bad">{t('operator.suspended')}</span>}
            </span>
          ),
        },
        {
          title: t('operator.lastSeen'),
          cell: ({ lastSeenAt }) => (lastSeenAt ? <time dateTime={lastSeenAt}>{ago(lastSeenAt)}</time> : '–'),
        },
        { title: t('operator.spend30'), numeric: true, cell: ({ spend }) => money(spend) },
        { title: t('billing.balance'), numeric: true, cell: ({ balance }) => money(balance) },
        {
          title: t('operator.margin'),
          numeric: true,
          cell: ({ margin }) => (margin === null ? '–' : money(margin)),
        },
        {
          title: t('home.left'),
          numeric: true,
          cell: ({ available }) => (available === null ? '–' : money(available)),
        },
      ]}
    />
  );
}
