/** @jsxImportSource preact */
import { now } from '../clock.js';
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Home } from '../shapes.js';
import { BarChart } from '../ui/bar-chart.js';
import { bucketName, shortBucketName } from '../usage/bucket-names.js';
import { formatMetric } from '../usage/series.js';

const DAYS = 14;

/** What the last two weeks cost, a bar a day. */
export function DaysCard({ days }: { readonly days: Home['days'] }) {
  const costs = new Map(days.map(({ day, cost }) => [day, Number(cost)]));
  const buckets = Array.from({ length: DAYS }, (_, index) =>
    new Date(now() - (DAYS - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
  const values = buckets.map((day) => costs.get(day) ?? 0);
  const total = values.reduce((sum, value) => sum + value, 0);
  return (
    <section class="card">
      <div class="card-head">
        <h2>{t('home.days')}</h2>
        <a href="#/usage">{t('home.allUsage')}</a>
      </div>
      <BarChart
        label={t('home.daysLabel', { total: money(total) })}
        names={buckets.map((day) => bucketName(day, 'day'))}
        shortNames={buckets.map((day) => shortBucketName(day, 'day'))}
        series={[{ id: 'cost', name: t('usage.cost'), values }]}
        whole={false}
        format={(value, short) => formatMetric('cost', value, short)}
      />
    </section>
  );
}
