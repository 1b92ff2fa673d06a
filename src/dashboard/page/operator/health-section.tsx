/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import type { Health } from '../shapes.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';

/** How the targets of the models are doing. */
export function HealthSection() {
  const health = useResource<Health>(apiUrl('operator/health'), 5_000);
  return (
    <section class="card card-table">
      <Loaded resource={health}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={t('operator.noTargets')} hint={t('operator.noTargetsHint')} />
          ) : (
            <Table
              label={t('operator.health')}
              rows={data}
              rowKey={({ target }) => target}
              columns={[
                {
                  title: t('operator.target'),
                  header: true,
                  cell: ({ target }) => <code class="strong">{target}</code>,
                },
              ]}
            />
          )
        }
      </Loaded>
    </section>
  );
}
