/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { now } from '../clock.js';
import { t } from '../i18n.js';
import { latestEventsUrl } from '../reads.js';
import { addressOf, type Place } from '../router.js';
import type { EventList, KeyNames } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { EventTable } from './event-table.js';
import { GroupPicker, groupTitle } from './group-picker.js';
import { rangeOf } from './range.js';
import { RangePicker } from './range-picker.js';
import { UsageReport } from './usage-report.js';

/** How often an open page asks anew. */
const REFRESH_MS = 4_000;

/** The account's usage over time, by model, key, end user or tag, and its latest requests. */
export function UsagePage({ place }: { readonly place: Place }) {
  const group = place.query.get('by') ?? 'model';
  const keys = useResource<KeyNames>(apiUrl('keys/names'), 30_000);
  const events = useResource<EventList>(latestEventsUrl(), REFRESH_MS);
  const names = new Map(keys.data?.data.map((key) => [key.id, key.name]));
  // Until the names are there, nothing stands in their place that is taken for one.
  const keyName = (id: string) => names.get(id) ?? (keys.data ? id : '');
  const range = rangeOf(place.query, now());
  return (
    <>
      <PageHead title={t('usage.title')} intro={t('usage.intro')}>
        <DownloadLink href={apiUrl('usage.csv', { from: range.from, to: range.to })} />
      </PageHead>
      <div class="toolbar">
        <RangePicker place={place} />
        <GroupPicker
          place={place}
          groups={['model', 'key', 'endUser', 'tag']}
          value={group}
          tagsUrl={apiUrl('usage/tags')}
        />
      </div>
      <UsageReport
        scope="own"
        place={place}
        group={group}
        groupTitle={groupTitle(group)}
        nameOf={(id) => (group === 'key' ? keyName(id) : id)}
        pageOf={group === 'key' ? (id) => addressOf(['keys', id]) : undefined}
      />
      <h2 class="section-title">{t('usage.latest')}</h2>
      <section class="card card-table">
        <Loaded resource={events}>{({ data }) => <EventTable events={data} keyName={keyName} />}</Loaded>
      </section>
    </>
  );
}
