/** @jsxImportSource preact */
import { count, duration, money, percent } from '../format.js';
import { t } from '../i18n.js';
import type { OperatorOverview } from '../shapes.js';
import { Empty } from '../ui/states.js';
import type { Column } from '../ui/table.js';
import { Table } from '../ui/table.js';

type Model = OperatorOverview['models'][number];
type Target = OperatorOverview['targets'][number];
type WithOutcomes = Pick<Target, 'outcomes'> & Partial<Pick<Model, 'errors'>>;

function rateOf(counts: { readonly failed: number; readonly tries: number } | null): string {
  return counts && counts.tries > 0 ? percent(counts.failed / counts.tries) : '–';
}

/** Share of failures, the slowest and the first token of whatever was tried. */
export function outcomeColumns<T extends WithOutcomes>(): Column<T>[] {
  const timeOf = (ms: number | null | undefined) => (ms === null || ms === undefined ? '–' : duration(ms));
  return [
    {
      title: t('overview.errorRate'),
      numeric: true,
      cell: ({ outcomes, errors }) => rateOf(errors ?? outcomes),
    },
    { title: t('health.p95'), numeric: true, cell: ({ outcomes }) => timeOf(outcomes?.p95) },
    { title: t('requests.firstToken'), numeric: true, cell: ({ outcomes }) => timeOf(outcomes?.firstToken) },
  ];
}

/** What each model earned, and how it did. */
export function ModelTable({ models }: { readonly models: readonly Model[] }) {
  const amount = (value: string | null) => (value === null ? '–' : money(value));
  return (
    <>
      <h2 class="section-title">{t('overview.models')}</h2>
      <section class="card card-table">
        {models.length === 0 ? (
          <Empty title={t('usage.empty')} hint={t('usage.emptyHint')} />
        ) : (
          <Table
            label={t('overview.models')}
            rows={models}
            rowKey={({ id }) => id}
            columns={[
              { title: t('usage.model'), header: true, cell: ({ id }) => <bdi class="strong">{id}</bdi> },
              { title: t('usage.requests'), numeric: true, cell: ({ requests }) => count(requests) },
              { title: t('overview.revenue'), numeric: true, cell: ({ cost }) => money(cost) },
              {
                title: t('operator.providerCost'),
                numeric: true,
                cell: ({ providerCost }) => amount(providerCost),
              },
              { title: t('operator.margin'), numeric: true, cell: ({ margin }) => amount(margin) },
              ...outcomeColumns<Model>(),
            ]}
          />
        )}
      </section>
    </>
  );
}

/** How each target did. */
export function TargetTable({ targets }: { readonly targets: readonly Target[] }) {
  if (targets.length === 0) return null;
  return (
    <>
      <h2 class="section-title">{t('health.targets')}</h2>
      <section class="card card-table">
        <Table
          label={t('health.targets')}
          rows={targets}
          rowKey={({ target }) => target}
          columns={[
            { title: t('operator.target'), header: true, cell: ({ target }) => <code class="strong">{target}</code> },
            {
              title: t('operator.status'),
              cell: ({ state }) => (
                <span class={state === 'closed' ? 'badge badge-good' : 'badge badge-warn'}>{t(`health.${state}`)}</span>
              ),
            },
            { title: t('overview.tries'), numeric: true, cell: ({ outcomes }) => count(outcomes?.tries ?? 0) },
            ...outcomeColumns<Target>(),
          ]}
        />
      </section>
    </>
  );
}
