/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { AccountList } from '../shapes.js';
import { SearchField } from '../ui/search-field.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';
import { AccountDialog } from './account-dialog.js';

const PAGE_SIZE = 25;

/** Accounts with plan and balance: search, page, open. */
export function AccountsSection() {
  const [search, setSearch] = useState('');
  const [after, setAfter] = useState<string>();
  const [open, setOpen] = useState<string>();
  const query = { search: search.trim() || undefined, after, limit: PAGE_SIZE };
  const accounts = useResource<AccountList>(apiUrl('operator/accounts', query));
  const searchFor = (text: string) => {
    setSearch(text);
    setAfter(undefined);
  };
  return (
    <>
      <div class="toolbar">
        <SearchField label={t('operator.search')} value={search} onInput={searchFor} />
      </div>
      <section class="card card-table">
        <Loaded resource={accounts}>
          {({ data }) => (
            <>
              <AccountTable accounts={data} onOpen={setOpen} />
              {data.length === PAGE_SIZE && (
                <div class="table-foot">
                  <button type="button" class="button" onClick={() => setAfter(data.at(-1)?.id)}>
                    {t('action.next')}
                  </button>
                </div>
              )}
            </>
          )}
        </Loaded>
      </section>
      {open !== undefined && (
        <AccountDialog
          id={open}
          plans={accounts.data?.plans ?? []}
          onClose={() => setOpen(undefined)}
          onChanged={accounts.reload}
        />
      )}
    </>
  );
}

interface AccountTableProps {
  readonly accounts: AccountList['data'];
  readonly onOpen: (id: string) => void;
}

function AccountTable({ accounts, onOpen }: AccountTableProps) {
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
          cell: ({ id }) => (
            <button
              type="button"
              class="link strong"
              aria-label={t('operator.open', { id })}
              onClick={() => onOpen(id)}
            >
              <bdi>{id}</bdi>
            </button>
          ),
        },
        { title: t('billing.plan'), cell: ({ plan }) => <span class="badge">{plan}</span> },
        { title: t('billing.balance'), numeric: true, cell: ({ balance }) => money(balance) },
        { title: t('operator.held'), numeric: true, cell: ({ held }) => money(held) },
      ]}
    />
  );
}
