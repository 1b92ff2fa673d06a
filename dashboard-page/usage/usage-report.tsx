/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { count, money, shortCount } from '../format.js';
import { t } from '../i18n.js';
import type { UsageAnswer } from '../shapes.js';
import { BarChart } from '../ui/bar-chart.js';
import { Segmented } from '../ui/controls.js';
import { Empty, Loaded, Stat } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { bucketName, shortBucketName } from './bucket-names.js';
import type { Range } from './range.js';
import { formatMetric, limitSeries, type Metric, type Series, sumOf, toSeries } from './series.js';
import { SeriesTable } from './series-table.js';

interface UsageReportProps {
  /** Of the API: `usage`, or `operator/usage`. */
  readonly path: string;
  readonly range: Range;
  readonly group: 'model' | 'key' | 'account';
  readonly groupTitle: string;
  /** The name of a model, key or account by its id. */
  readonly nameOf: (id: string) => string;
}

const REFRESH_MS = 4_000;
/** Colours of the chart. */
const MAX_SERIES = 7;
const REST = '\u0000rest';

const GROUP_FIELD = { model: 'model', key: 'keyId', account: 'accountId' } as const;

/** Totals, a chart and a table of usage; read anew every few seconds. */
export function UsageReport({ path, range, group, groupTitle, nameOf }: UsageReportProps) {
  const { from, to, unit, buckets } = range;
  const usage = useResource<UsageAnswer>(apiUrl(path, { from, to, groupBy: `${group},${unit}` }), REFRESH_MS);
  return (
    <Loaded resource={usage} rows={8}>
      {({ data }) => {
        const all = toSeries(data, buckets, (row) => row[GROUP_FIELD[group]] ?? undefined);
        return <Report series={all} range={range} groupTitle={groupTitle} nameOf={nameOf} />;
      }}
    </Loaded>
  );
}

type ReportProps = Pick<UsageReportProps, 'range' | 'groupTitle' | 'nameOf'> & { readonly series: readonly Series[] };

function Report({ series, range, groupTitle, nameOf }: ReportProps) {
  const total = sumOf(series);
  const split = { input: shortCount(total.input), output: shortCount(total.output) };
  return (
    <>
      <dl class="stats">
        <Stat label={t('usage.spend')} value={money(total.cost)} />
        <Stat label={t('usage.requests')} value={count(total.requests)} />
        <Stat label={t('usage.tokens')} value={count(total.tokens)} detail={t('usage.tokensSplit', split)} />
      </dl>
      {total.requests === 0 ? (
        <section class="card">
          <Empty title={t('usage.empty')} hint={t('usage.emptyHint')} />
        </section>
      ) : (
        <>
          <ChartCard series={series} range={range} nameOf={nameOf} />
          <section class="card card-table">
            <SeriesTable series={series} title={groupTitle} nameOf={nameOf} colours={MAX_SERIES} />
          </section>
        </>
      )}
    </>
  );
}

function ChartCard({ series, range, nameOf }: Omit<ReportProps, 'groupTitle'>) {
  const [metric, setMetric] = useState<Metric>('cost');
  const shown = limitSeries(series, MAX_SERIES, REST);
  const names = range.buckets.map((bucket) => bucketName(bucket, range.unit));
  const label = t('usage.chart', {
    metric: t(`usage.${metric}`),
    from: names[0] ?? '',
    to: names.at(-1) ?? '',
    total: formatMetric(metric, sumOf(series)[metric]),
  });
  const nameOfShown = (id: string) => (id === REST ? t('usage.other') : nameOf(id));
  return (
    <section class="card">
      <div class="card-head">
        <Segmented
          label={t('usage.metric')}
          value={metric}
          options={(['cost', 'requests', 'tokens'] as const).map((one) => [one, t(`usage.${one}`)] as const)}
          onChange={setMetric}
        />
        <span class="live">
          <i aria-hidden="true" />
          {t('usage.live')}
        </span>
      </div>
      <BarChart
        label={label}
        names={names}
        shortNames={range.buckets.map((bucket) => shortBucketName(bucket, range.unit))}
        series={shown.map(({ id, points }) => ({
          name: nameOfShown(id),
          values: points.map((point) => point[metric]),
        }))}
        whole={metric !== 'cost'}
        format={(value, short) => formatMetric(metric, value, short)}
      />
      <ul class="legend">
        {shown.map(({ id }, layer) => (
          <li key={id}>
            <i class={`dot series-${layer}`} aria-hidden="true" />
            <bdi>{nameOfShown(id)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
