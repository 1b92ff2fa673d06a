/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { now } from '../clock.js';
import { t } from '../i18n.js';
import { knownName } from '../known-name.js';
import { latestEventsUrl } from '../reads.js';
import { addressOf, type Place } from '../router.js';
import type { EventList } from '../shapes.js';
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
  const events = useResource<EventList>(latestEventsUrl(), REFRESH_MS);
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
        nameOf={(id, names) => knownName(names, id)}
        pageOf={group === 'key' ? (id) => addressOf(['keys', id]) : undefined}
      />
      <h2 class="section-title">{t('usage.latest')}</h2>
      <section class="card card-table">
        <Loaded resource={events}>
          {({ data, names }) => <EventTable events={data} keyName={(id) => knownName(names, id)} />}
        </Loaded>
      </section>
    </>
  );
}
