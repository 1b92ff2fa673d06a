/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { choose, type Place } from '../router.js';
import type { Key, KeyActivity, KeyList } from '../shapes.js';
import { Icon } from '../ui/icons.js';
import { Pager } from '../ui/pager.js';
import { SearchField } from '../ui/search-field.js';
import { Select } from '../ui/select.js';
import { Empty, Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { useKeyDialogs } from './key-dialogs.js';
import { orderOf, selectKeys, stateOf } from './key-order.js';
import { KeySummary } from './key-summary.js';
import { KeyTable, spentBy } from './key-table.js';
import { SessionsCard } from './sessions-card.js';

const PAGE_SIZE = 50;

/** The account's keys: search, sort, create; each has a menu and a page of its own. */
export function KeysPage({ place }: { readonly place: Place }) {
  const keys = useResource<KeyList>(apiUrl('keys'), 15_000);
  const activity = useResource<{ readonly data: readonly KeyActivity[] }>(apiUrl('keys/activity'), 30_000);
  const dialogs = useKeyDialogs(() => {
    keys.reload();
    activity.reload();
  });
  return (
    <>
      <PageHead title={t('keys.title')} intro={t('keys.intro')}>
        <button type="button" class="button button-primary" onClick={dialogs.create}>
          <Icon name="plus" />
          {t('keys.create')}
        </button>
      </PageHead>
      {!activity.data && activity.error !== undefined && keys.data && (
        <section class="card">
          <Loaded resource={activity}>{() => null}</Loaded>
        </section>
      )}
      <Loaded resource={keys}>
        {({ data }) => (
          <KeysCard
            place={place}
            keys={data}
            pending={activity.data === undefined && activity.error === undefined}
            activity={activity.data && new Map(activity.data.data.map((one) => [one.id, one]))}
            dialogs={dialogs}
          />
        )}
      </Loaded>
      <SessionsCard />
      {dialogs.shown}
    </>
  );
}

interface KeyListProps {
  readonly place: Place;
  readonly keys: readonly Key[];
  /** Undefined until it is there. */
  readonly activity: ReadonlyMap<string, KeyActivity> | undefined;
  /** True while it is awaited. */
  readonly pending: boolean;
  readonly dialogs: ReturnType<typeof useKeyDialogs>;
}

function KeysCard({ place, keys, activity, pending, dialogs }: KeyListProps) {
  const { query } = place;
  const search = query.get('search') ?? '';
  const order = orderOf(query.get('sort'));
  const state = stateOf(query.get('state'));
  const found = selectKeys(keys, { search, order, state }, (key) => spentBy(activity?.get(key.id)), Date.now());
  const lastPage = Math.max(0, Math.ceil(found.length / PAGE_SIZE) - 1);
  const page = Math.min(Math.max(0, Math.trunc(Number(query.get('page'))) || 0), lastPage);
  const set = (change: Record<string, string>) => choose(place, { page: undefined, ...change });
  if (keys.length === 0)
    return (
      <section class="card">
        <Empty title={t('keys.empty')} hint={t('keys.emptyHint')}>
          <button type="button" class="button button-primary" onClick={dialogs.create}>
            {t('keys.create')}
          </button>
        </Empty>
      </section>
    );
  return (
    <>
      <KeySummary keys={keys} now={Date.now()} />
      <div class="toolbar">
        <SearchField label={t('keys.search')} value={search} onInput={(text) => set({ search: text })} />
        <Select
          label={t('keys.state')}
          value={state}
          options={[
            ['live', t('keys.state.live')],
            ['unused', t('keys.state.unused')],
            ['revoked', t('keys.state.revoked')],
          ]}
          onChange={(next) => set({ state: next })}
        />
      </div>
      <section class="card card-table" aria-busy={pending || undefined}>
        {found.length === 0 ? (
          <Empty
            title={search === '' && state === 'live' ? t('keys.empty') : t('keys.noneFound')}
            hint={search === '' && state === 'live' ? t('keys.emptyHint') : t('keys.noneFoundHint')}
          />
        ) : (
          <KeyTable
            keys={found.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)}
            activity={activity}
            sorted={order}
            onSort={(sort) => set({ sort })}
            actionsOf={dialogs.actionsOf}
          />
        )}
        <Pager
          page={page}
          size={PAGE_SIZE}
          total={found.length}
          onChange={(next) => choose(place, { page: String(next) })}
        />
      </section>
    </>
  );
}
