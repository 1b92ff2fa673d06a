/** @jsxImportSource preact */
import { KEYS_A_PAGE } from '../../src/dashboard/key-views.js';
import { t } from '../i18n.js';
import { keySelectionOf, keysUrl } from '../reads.js';
import { choose, type Place } from '../router.js';
import type { KeyList } from '../shapes.js';
import { Icon } from '../ui/icons.js';
import { Pager } from '../ui/pager.js';
import { SearchField } from '../ui/search-field.js';
import { Select } from '../ui/select.js';
import { Empty, Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { useKeyDialogs } from './key-dialogs.js';
import { KeySummary } from './key-summary.js';
import { KeyTable } from './key-table.js';
import { SessionsCard } from './sessions-card.js';

const REFRESH_MS = 15_000;

/** The account's keys: search, sort, create; each has a menu and a page of its own. */
export function KeysPage({ place }: { readonly place: Place }) {
  const keys = useResource<KeyList>(keysUrl(place), REFRESH_MS);
  const dialogs = useKeyDialogs(keys.reload);
  return (
    <>
      <PageHead title={t('keys.title')} intro={t('keys.intro')}>
        <button type="button" class="button button-primary" onClick={dialogs.create}>
          <Icon name="plus" />
          {t('keys.create')}
        </button>
      </PageHead>
      {keys.data?.counts.all === 0 ? (
        <section class="card">
          <Empty title={t('keys.empty')} hint={t('keys.emptyHint')}>
            <button type="button" class="button button-primary" onClick={dialogs.create}>
              {t('keys.create')}
            </button>
          </Empty>
        </section>
      ) : (
        <>
          {keys.data && <KeySummary counts={keys.data.counts} />}
          <KeyTools place={place} />
          <section class="card card-table">
            <Loaded resource={keys} rows={10}>
              {(list) => <KeyRows list={list} place={place} dialogs={dialogs} />}
            </Loaded>
          </section>
        </>
      )}
      <SessionsCard />
      {dialogs.shown}
    </>
  );
}

/** What narrows the list; it stands in the address. */
function KeyTools({ place }: { readonly place: Place }) {
  return (
    <div class="toolbar">
      <SearchField
        label={t('keys.search')}
        value={place.query.get('search') ?? ''}
        onInput={(search) => choose(place, { page: undefined, search })}
      />
      <Select
        label={t('keys.state')}
        value={keySelectionOf(place).state}
        options={[
          ['live', t('keys.state.live')],
          ['unused', t('keys.state.unused')],
          ['revoked', t('keys.state.revoked')],
        ]}
        onChange={(state) => choose(place, { page: undefined, state })}
      />
    </div>
  );
}

interface KeyRowsProps {
  readonly list: KeyList;
  readonly place: Place;
  readonly dialogs: ReturnType<typeof useKeyDialogs>;
}

function KeyRows({ list: { data, page, total }, place, dialogs }: KeyRowsProps) {
  const { search, sort, state } = keySelectionOf(place);
  const narrowed = search !== undefined || state !== 'live';
  if (total === 0)
    return (
      <Empty
        title={narrowed ? t('keys.noneFound') : t('keys.empty')}
        hint={narrowed ? t('keys.noneFoundHint') : t('keys.emptyHint')}
      />
    );
  return (
    <>
      <KeyTable
        keys={data}
        sorted={sort}
        onSort={(order) => choose(place, { page: undefined, sort: order })}
        actionsOf={dialogs.actionsOf}
      />
      <Pager page={page} size={KEYS_A_PAGE} total={total} onChange={(next) => choose(place, { page: String(next) })} />
    </>
  );
}
