/** @jsxImportSource preact */
import { count, money, percent } from '../format.js';
import { t } from '../i18n.js';
import type { UsageReportAnswer } from '../shapes.js';
import { type Column, Table } from '../ui/table.js';
import { bucketName } from './bucket-names.js';
import { sumOf } from './series.js';

interface GroupTableProps {
  readonly report: UsageReportAnswer;
  readonly title: string;
  readonly nameOf: (id: string) => string;
  /** Where a group has a page of its own. */
  readonly pageOf?: ((id: string) => string) | undefined;
  /** How many groups the chart draws in a color of their own. */
  readonly colors: number;
}

/** The groups of the chart with their shares of the whole; the largest alone where there are very many. */
export function GroupTable({ report, title, nameOf, pageOf, colors }: GroupTableProps) {
  const total = sumOf(report.points);
  const color = new Map(report.groups.map(({ id }, index) => [id, Math.min(index, colors)]));
  const shareOf = (own: { readonly cost: string; readonly requests: number }) =>
    Number(total.cost) > 0 ? Number(own.cost) / Number(total.cost) : own.requests / Math.max(1, total.requests);
  const withMargin = report.groups.some(({ providerCost }) => providerCost);
  return (
    <>
      <Table
        label={t('usage.title')}
        rows={report.groups}
        rowKey={({ id }) => id}
        columns={[
          {
            title,
            header: true,
            cell: ({ id }) => (
              <span class="strong dotted">
                <i class={`dot series-${color.get(id)}`} aria-hidden="true" />
                <GroupName name={nameOf(id)} page={id === '' ? undefined : pageOf?.(id)} />
              </span>
            ),
          },
          { title: t('usage.requests'), numeric: true, cell: ({ requests }) => count(requests) },
          { title: t('usage.input'), numeric: true, cell: ({ inputTokens }) => count(inputTokens) },
          { title: t('usage.cached'), numeric: true, cell: ({ cachedInputTokens }) => count(cachedInputTokens) },
          { title: t('usage.output'), numeric: true, cell: ({ outputTokens }) => count(outputTokens) },
          { title: t('usage.cost'), numeric: true, cell: ({ cost }) => money(cost) },
          ...(withMargin ? marginColumns() : []),
          ...(report.groups.some(({ lastUsed }) => lastUsed) ? [lastUsedColumn()] : []),
          { title: t('usage.share'), numeric: true, cell: (group) => percent(shareOf(group)) },
        ]}
      />
      {report.groupCount > report.groups.length && (
        <div class="table-foot muted small">
          {t('usage.largestOf', { n: count(report.groups.length), all: count(report.groupCount) })}
        </div>
      )}
    </>
  );
}

/** The day or hour that a group was last used in. */
function lastUsedColumn(): Column<UsageReportAnswer['groups'][number]> {
  const nameOf = (bucket: string) => bucketName(bucket, bucket.length > 'YYYY-MM-DD'.length ? 'hour' : 'day');
  return { title: t('keys.lastUsed'), cell: ({ lastUsed }) => (lastUsed ? nameOf(lastUsed) : '–') };
}

/** What operators paid and earned. */
function marginColumns(): Column<UsageReportAnswer['groups'][number]>[] {
  const shown = (amount: string | null | undefined) => (amount ? money(amount) : '–');
  return [
    { title: t('operator.providerCost'), numeric: true, cell: ({ providerCost }) => shown(providerCost) },
    { title: t('operator.margin'), numeric: true, cell: ({ margin }) => shown(margin) },
  ];
}

function GroupName({ name, page }: { readonly name: string; readonly page: string | undefined }) {
  return page === undefined ? (
    <bdi>{name}</bdi>
  ) : (
    <a href={page}>
      <bdi>{name}</bdi>
    </a>
  );
}
