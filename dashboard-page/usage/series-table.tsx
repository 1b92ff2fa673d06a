/** @jsxImportSource preact */
import { count, money, percent } from '../format.js';
import { t } from '../i18n.js';
import { Table } from '../ui/table.js';
import { type Series, sumOf } from './series.js';

interface SeriesTableProps {
  readonly series: readonly Series[];
  readonly title: string;
  readonly nameOf: (id: string) => string;
  /** How many colours the chart has; the last one is for all the rest. */
  readonly colours: number;
}

/** The chart's values as a table, with shares of the whole. */
export function SeriesTable({ series, title, nameOf, colours }: SeriesTableProps) {
  const total = sumOf(series);
  const colour = new Map(series.map(({ id }, index) => [id, Math.min(index, colours - 1)]));
  const shareOf = ({ total: own }: Series) =>
    total.cost > 0 ? own.cost / total.cost : own.requests / Math.max(1, total.requests);
  return (
    <Table
      label={t('usage.title')}
      rows={series}
      rowKey={({ id }) => id}
      columns={[
        {
          title,
          header: true,
          cell: ({ id }) => (
            <span class="strong">
              <i class={`dot series-${colour.get(id)}`} aria-hidden="true" />
              <bdi>{nameOf(id)}</bdi>
            </span>
          ),
        },
        { title: t('usage.requests'), numeric: true, cell: (one) => count(one.total.requests) },
        { title: t('usage.input'), numeric: true, cell: (one) => count(one.total.input) },
        { title: t('usage.cached'), numeric: true, cell: (one) => count(one.total.cached) },
        { title: t('usage.output'), numeric: true, cell: (one) => count(one.total.output) },
        { title: t('usage.cost'), numeric: true, cell: (one) => money(one.total.cost) },
        { title: t('usage.share'), numeric: true, cell: (one) => percent(shareOf(one)) },
      ]}
    />
  );
}
