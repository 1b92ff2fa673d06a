/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { now } from '../clock.js';
import { change, count, money, shortCount } from '../format.js';
import { t } from '../i18n.js';
import { MOST_COLORS, type ReportScope, reportUrl } from '../reads.js';
import type { Place } from '../router.js';
import type { UsageReportAnswer } from '../shapes.js';
import { BarChart } from '../ui/bar-chart.js';
import { Segmented } from '../ui/controls.js';
import { Empty, Loaded, Stat } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { bucketName, shortBucketName } from './bucket-names.js';
import { GroupTable } from './group-table.js';
import { type Range, rangeOf } from './range.js';
import { formatMetric, type Metric, metricOf, REST, sumOf, toSeries } from './series.js';

interface UsageReportProps {
  /** The caller's own usage, or that of all accounts. */
  readonly scope: ReportScope;
  /** Where the range stands. */
  readonly place: Place;
  /** What each part of a bar is: `model`, `key`, `account`, `endUser` or `tag:NAME`. */
  readonly group: string;
  /** Narrows the report to one key or account. */
  readonly only?: Readonly<Record<string, string>>;
  readonly groupTitle: string;
  /** The name of a model, key or account by its id, and by what the answer says of names. */
  readonly nameOf: (id: string, names: Readonly<Record<string, string>>) => string;
  /** Where a group has a page of its own. */
  readonly pageOf?: ((id: string) => string) | undefined;
}

const REFRESH_MS = 5_000;

/** Totals, a chart and a table of usage; read anew every few seconds. */
export function UsageReport(props: UsageReportProps) {
  return props.group === 'tag:' ? (
    <section class="card">
      <Empty title={t('usage.chooseTag')} hint={t('usage.tagHint')} />
    </section>
  ) : (
    <LoadedReport {...props} />
  );
}

function LoadedReport({ scope, place, group, only, groupTitle, nameOf, pageOf }: UsageReportProps) {
  // With each refresh: the hour or day that runs may be another by then.
  const range = rangeOf(place.query, now());
  const usage = useResource<UsageReportAnswer>(reportUrl(scope, range, group, only), REFRESH_MS);
  return (
    <Loaded resource={usage} rows={8}>
      {(report) => (
        <Report
          report={report}
          range={range}
          noGroup={group === 'key' ? t('usage.noKey') : t('usage.notGiven')}
          groupTitle={groupTitle}
          nameOf={(id) => nameOf(id, report.names)}
          pageOf={pageOf}
        />
      )}
    </Loaded>
  );
}

interface ReportProps extends Pick<UsageReportProps, 'groupTitle' | 'pageOf'> {
  readonly range: Range;
  readonly report: UsageReportAnswer;
  readonly nameOf: (id: string) => string;
  /** What stands for requests without any group. */
  readonly noGroup: string;
}

function Report({ report, range, groupTitle, nameOf, noGroup, pageOf }: ReportProps) {
  const total = sumOf(report.points);
  const { previous } = report;
  const split = { input: shortCount(total.inputTokens), output: shortCount(total.outputTokens) };
  return (
    <>
      <dl class="stats">
        <Stat
          label={t('usage.spend')}
          value={money(total.cost)}
          detail={previous ? change(Number(total.cost), Number(previous.cost)) : undefined}
        />
        <Stat
          label={t('usage.requests')}
          value={count(total.requests)}
          detail={previous ? change(total.requests, previous.requests) : undefined}
        />
        <Stat label={t('usage.tokens')} value={shortCount(total.totalTokens)} detail={t('usage.tokensSplit', split)} />
      </dl>
      {total.requests === 0 ? (
        <section class="card">
          <Empty title={t('usage.empty')} hint={t('usage.emptyHint')} />
        </section>
      ) : (
        <>
          <ChartCard report={report} range={range} nameOf={nameOf} />
          <section class="card card-table">
            <GroupTable
              report={report}
              title={groupTitle}
              nameOf={(id) => (id === '' ? noGroup : nameOf(id))}
              pageOf={pageOf}
              colors={MOST_COLORS}
            />
          </section>
        </>
      )}
    </>
  );
}

function ChartCard({ report, range, nameOf }: Omit<ReportProps, 'groupTitle' | 'noGroup' | 'pageOf'>) {
  const [metric, setMetric] = useState<Metric>('cost');
  const shown = toSeries(report, range.buckets, metric, MOST_COLORS);
  const names = range.buckets.map((bucket) => bucketName(bucket, range.unit));
  const label = t('usage.chart', {
    metric: t(`usage.${metric}`),
    from: names[0] ?? '',
    to: names.at(-1) ?? '',
    total: formatMetric(metric, metricOf(metric, sumOf(report.points))),
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
        series={shown.map(({ id, points }) => ({ id, name: nameOfShown(id), values: points }))}
        whole={metric !== 'cost'}
        format={(value, short) => formatMetric(metric, value, short)}
      />
      <ul class="legend">
        {shown.map(({ id }, layer) => (
          <li key={id} class="dotted">
            <i class={`dot series-${layer}`} aria-hidden="true" />
            <bdi>{nameOfShown(id)}</bdi>
          </li>
        ))}
      </ul>
      <p class="muted small chart-hint">{t('usage.utcHint')}</p>
    </section>
  );
}
