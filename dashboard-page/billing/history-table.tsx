/** @jsxImportSource preact */
import { useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, get } from '../client.js';
import { dateTime, money } from '../format.js';
import { t } from '../i18n.js';
import type { Entry, EntryList } from '../shapes.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { notifyError } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';

const PAGE_SIZE = 20;

/** The account's movements of money, a page at a time; it follows the balance until an older page is asked for. */
export function HistoryTable({ balance }: { readonly balance: string }) {
  const first = useResource<EntryList>(apiUrl('credits', { limit: PAGE_SIZE }));
  const shownBalance = useRef(balance);
  const [older, setOlder] = useState<readonly Entry[]>([]);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    if (shownBalance.current === balance || older.length > 0) return;
    shownBalance.current = balance;
    first.reload();
  }, [balance, older.length, first.reload]);
  const more = async (before: string) => {
    try {
      const { data } = await get<EntryList>(apiUrl('credits', { limit: PAGE_SIZE, before }));
      setOlder((entries) => [...entries, ...data]);
      setEnded(data.length < PAGE_SIZE);
    } catch (error) {
      notifyError(error);
    }
  };
  return (
    <section class="card card-table">
      <Loaded resource={first}>
        {({ data }) => {
          const entries = [...data, ...older];
          const last = entries.at(-1);
          if (!last) return <Empty title={t('billing.empty')} hint={t('billing.emptyHint')} />;
          return (
            <>
              <EntryTable entries={entries} />
              {data.length === PAGE_SIZE && !ended && (
                <div class="table-foot">
                  <button type="button" class="button" onClick={() => void more(last.id)}>
                    {t('action.more')}
                  </button>
                </div>
              )}
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

/** Movements of money, newest first. */
export function EntryTable({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <Table
      label={t('billing.history')}
      rows={entries}
      rowKey={({ id }) => id}
      columns={[
        { title: t('billing.date'), cell: ({ at }) => <time dateTime={at}>{dateTime(at)}</time> },
        {
          title: t('billing.kind'),
          header: true,
          cell: ({ kind }) => <span class="strong">{t(`entry.${kind}`)}</span>,
        },
        {
          title: t('billing.details'),
          cell: ({ note, reference }) => (
            <span class="clip muted" title={reference}>
              <bdi>{note ?? reference}</bdi>
            </span>
          ),
        },
        {
          title: t('billing.amount'),
          numeric: true,
          cell: ({ amount, kind }) => (
            <span class={amount.startsWith('-') ? '' : 'positive'}>
              {amount.startsWith('-') ? '' : '+'}
              {kind === 'usage' ? money(amount, 'request') : money(amount)}
            </span>
          ),
        },
        { title: t('billing.after'), numeric: true, cell: ({ balanceAfter }) => money(balanceAfter) },
      ]}
    />
  );
}
