/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { addressOf } from '../router.js';
import type { EventList, KeyNames } from '../shapes.js';
import { Segmented } from '../ui/controls.js';
import { DownloadLink } from '../ui/download-link.js';
import { Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { EventTable } from './event-table.js';
import { initialRange, readRange } from './range.js';
import { RangePicker } from './range-picker.js';
import { UsageReport } from './usage-report.js';

/** How often an open page asks anew. */
const REFRESH_MS = 4_000;

/** The account's usage over time, by model or by key, and its latest requests. */
export function UsagePage() {
  const [draft, setDraft] = useState(() => initialRange(Date.now()));
  const [group, setGroup] = useState<'model' | 'key'>('model');
  const keys = useResource<KeyNames>(apiUrl('keys/names'), 30_000);
  const events = useResource<EventList>(apiUrl('usage/events', { limit: 20 }), REFRESH_MS);
  const names = new Map(keys.data?.data.map((key) => [key.id, key.name]));
  const range = readRange(draft, Date.now());
  return (
    <>
      <PageHead title={t('usage.title')} intro={t('usage.intro')}>
        <DownloadLink href={apiUrl('usage.csv', { from: range.from, to: range.to })} />
      </PageHead>
      <div class="toolbar">
        <RangePicker value={draft} onChange={setDraft} />
        <Segmented
          label={t('usage.groupBy')}
          value={group}
          options={[
            ['model', t('usage.byModel')],
            ['key', t('usage.byKey')],
          ]}
          onChange={setGroup}
        />
      </div>
      <UsageReport
        path="usage/report"
        range={range}
        group={group}
        groupTitle={group === 'model' ? t('usage.model') : t('usage.key')}
        nameOf={(id) => (group === 'key' ? (names.get(id) ?? id) : id)}
        pageOf={group === 'key' ? (id) => addressOf(['keys', id]) : undefined}
      />
      <h2 class="section-title">{t('usage.latest')}</h2>
      <section class="card card-table">
        <Loaded resource={events}>
          {({ data }) => <EventTable events={data} keyName={(id) => names.get(id) ?? id} />}
        </Loaded>
      </section>
    </>
  );
}
