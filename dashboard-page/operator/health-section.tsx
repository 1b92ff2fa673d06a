/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import type { Health } from '../shapes.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';

const REFRESH_MS = 5_000;

/** How the targets of the models are doing. */
export function HealthSection() {
  const health = useResource<Health>(apiUrl('operator/health'), REFRESH_MS);
  return (
    <section class="card card-table">
      <Loaded resource={health}>{({ data }) => <TargetTable targets={data} />}</Loaded>
    </section>
  );
}

function TargetTable({ targets }: { readonly targets: Health['data'] }) {
  if (targets.length === 0) return <Empty title={t('operator.noTargets')} hint={t('operator.noTargetsHint')} />;
  return (
    <Table
      label={t('operator.health')}
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
        {
          title: t('health.retry'),
          numeric: true,
          cell: ({ retryInMs }) => (retryInMs > 0 ? t('health.seconds', { n: Math.ceil(retryInMs / 1000) }) : '–'),
        },
        {
          title: t('health.failures'),
          numeric: true,
          cell: ({ consecutiveFailures }) => count(consecutiveFailures),
        },
      ]}
    />
  );
}
