/** @jsxImportSource preact */
import { count, dateTime, money } from '../format.js';
import { t } from '../i18n.js';
import type { EventList } from '../shapes.js';
import { Empty } from '../ui/states.js';
import { Table } from '../ui/table.js';

interface EventTableProps {
  readonly events: EventList['data'];
  readonly keyName: (id: string) => string;
}

/** Single requests, newest first. */
export function EventTable({ events, keyName }: EventTableProps) {
  if (events.length === 0) return <Empty title={t('requests.none')} hint={t('requests.noneHint')} />;
  return (
    <Table
      label={t('usage.latest')}
      rows={events}
      rowKey={({ id }) => id}
      columns={[
        { title: t('usage.time'), cell: ({ at }) => <time dateTime={at}>{dateTime(at)}</time> },
        { title: t('usage.model'), header: true, cell: ({ model }) => <bdi class="strong">{model}</bdi> },
        {
          title: t('usage.key'),
          cell: ({ keyId }) => <bdi class="clip muted">{keyId === null ? t('usage.noKey') : keyName(keyId)}</bdi>,
        },
        {
          title: t('usage.outcome'),
          cell: ({ outcome }) => (
            <span class={outcome === 'completed' ? 'badge' : 'badge badge-warn'}>{t(`outcome.${outcome}`)}</span>
          ),
        },
        {
          title: t('usage.tokens'),
          numeric: true,
          cell: ({ inputTokens, outputTokens }) => count(inputTokens + outputTokens),
        },
        { title: t('usage.cost'), numeric: true, cell: ({ cost }) => money(cost, 'request') },
      ]}
    />
  );
}
