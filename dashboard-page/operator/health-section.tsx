/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { count, duration, percent } from '../format.js';
import { t } from '../i18n.js';
import type { Health, TargetTest } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';
import { TargetName, TestButton } from './target-test.js';

const REFRESH_MS = 5_000;

/** How the targets of the models are doing. */
export function HealthSection() {
  const health = useResource<Health>(apiUrl('operator/health'), REFRESH_MS);
  return (
    <Loaded resource={health}>
      {({ data, models }) => (
        <>
          <div class="toolbar toolbar-end">
            <DownloadLink href={apiUrl('operator/health.csv')} />
          </div>
          <section class="card card-table">
            <TargetTable targets={data} />
          </section>
          {models && models.length > 0 && <ModelOutcomes models={models} />}
        </>
      )}
    </Loaded>
  );
}

function TargetTable({ targets }: { readonly targets: Health['data'] }) {
  const [tests, setTests] = useState<ReadonlyMap<string, TargetTest>>(new Map());
  const tested = (test: TargetTest) => setTests((before) => new Map(before).set(test.target, test));
  if (targets.length === 0) return <Empty title={t('operator.noTargets')} hint={t('operator.noTargetsHint')} />;
  return (
    <Table
      label={t('operator.health')}
      rows={targets}
      rowKey={({ target }) => target}
      columns={[
        {
          title: t('operator.target'),
          header: true,
          cell: ({ target }) => <TargetName target={target} test={tests.get(target)} />,
        },
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
        { title: t('health.tries'), numeric: true, cell: ({ outcomes }) => count(outcomes?.tries ?? 0) },
        { title: t('health.failed'), numeric: true, cell: ({ outcomes }) => failedOf(outcomes) },
        { title: t('health.p50'), numeric: true, cell: ({ outcomes }) => timeOf(outcomes?.p50) },
        { title: t('health.p95'), numeric: true, cell: ({ outcomes }) => timeOf(outcomes?.p95) },
        {
          title: t('keys.actions'),
          quiet: true,
          cell: ({ target }) => <TestButton target={target} onTested={tested} />,
        },
      ]}
    />
  );
}

type Outcomes = NonNullable<Health['models']>[number];

/** How the models did, whichever target answered. */
function ModelOutcomes({ models }: { readonly models: readonly Outcomes[] }) {
  return (
    <>
      <h2 class="section-title">{t('health.models')}</h2>
      <section class="card card-table">
        <Table
          label={t('health.models')}
          rows={models}
          rowKey={({ id }) => id}
          columns={[
            { title: t('usage.model'), header: true, cell: ({ id }) => <code class="strong">{id}</code> },
            { title: t('health.tries'), numeric: true, cell: ({ tries }) => count(tries) },
            { title: t('health.failed'), numeric: true, cell: failedOf },
            { title: t('health.p50'), numeric: true, cell: ({ p50 }) => timeOf(p50) },
            { title: t('health.p95'), numeric: true, cell: ({ p95 }) => timeOf(p95) },
            { title: t('requests.firstToken'), numeric: true, cell: ({ firstToken }) => timeOf(firstToken) },
            {
              title: t('health.lastError'),
              cell: ({ lastError }) => <span class="clip muted">{lastError ?? '–'}</span>,
            },
          ]}
        />
      </section>
    </>
  );
}

function failedOf(outcomes: Outcomes | null): string {
  return outcomes && outcomes.tries > 0 ? percent(outcomes.failed / outcomes.tries) : '–';
}

function timeOf(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : duration(ms);
}
