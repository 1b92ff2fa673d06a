/** @jsxImportSource preact */
import { utcDay } from '../format.js';
import { t } from '../i18n.js';
import { choose, type Place } from '../router.js';
import { Icon } from '../ui/icons.js';
import { Select } from '../ui/select.js';
import { isDay } from './request-filter.js';

const STATUSES = ['failed', '200', '400', '401', '403', '404', '429', '499', '500', '502', '503', '504'];

/** No id of a key. */
const MORE = '#';

interface RequestFiltersProps {
  readonly place: Place;
  readonly models: readonly string[];
  readonly keys: readonly { readonly id: string; readonly name: string }[];
  /** There are others, which their own page searches. */
  readonly moreKeys?: boolean | undefined;
}

/** Status, model, key and day; they stand in the address. */
export function RequestFilters({ place, models, keys, moreKeys }: RequestFiltersProps) {
  const { query } = place;
  const set = (name: string) => (value: string) => choose(place, { [name]: value, before: undefined });
  const utc = isDay(query.get('utcDay')) ? query.get('utcDay') : undefined;
  const day = isDay(query.get('day')) ? query.get('day') : '';
  return (
    <div class="filters">
      <Select
        label={t('requests.status')}
        value={query.get('status') ?? ''}
        options={[
          ['', t('requests.anyStatus')],
          ...STATUSES.map((status) => [status, status === 'failed' ? t('requests.failed') : status] as const),
        ]}
        onChange={set('status')}
      />
      {models.length > 0 && (
        <Select
          label={t('usage.model')}
          value={query.get('model') ?? ''}
          options={[['', t('requests.anyModel')], ...models.map((id) => [id, id] as const)]}
          onChange={set('model')}
        />
      )}
      {keys.length > 0 && (
        <Select
          label={t('usage.key')}
          value={query.get('keyId') ?? ''}
          options={[
            ['', t('requests.anyKey')],
            ...keys.map(({ id, name }) => [id, name] as const),
            ...(moreKeys ? [[MORE, t('requests.moreKeys')] as const] : []),
          ]}
          onChange={(id) => (id === MORE ? location.assign('#/keys') : set('keyId')(id))}
        />
      )}
      <input
        class="input input-auto"
        type="date"
        aria-label={t('requests.day')}
        title={t('requests.day')}
        value={day ?? ''}
        onChange={(event) => choose(place, { day: event.currentTarget.value, utcDay: undefined, before: undefined })}
      />
      {utc && (
        <button type="button" class="button" title={t('requests.clear')} onClick={() => set('utcDay')('')}>
          {t('requests.utcDay', { day: utcDay(utc) })}
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
