/** @jsxImportSource preact */
import { change, count, duration, money, percent } from '../format.js';
import { t } from '../i18n.js';
import { overviewUrl } from '../reads.js';
import { choose, type Place } from '../router.js';
import type { OperatorOverview } from '../shapes.js';
import { Segmented } from '../ui/controls.js';
import { Loaded, Stat } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { LowAccounts, Spenders } from './overview-accounts.js';
import { ModelTable, TargetTable } from './overview-tables.js';

const REFRESH_MS = 30_000;
const RANGES = ['day', 'week', 'month'] as const;

/** Is the service well, and does it earn? */
export function OverviewSection({ place }: { readonly place: Place }) {
  const range = RANGES.find((one) => one === place.query.get('range')) ?? 'week';
  const overview = useResource<OperatorOverview>(overviewUrl(range), REFRESH_MS);
  return (
    <>
      <div class="toolbar">
        <Segmented
          label={t('usage.range')}
          value={range}
          options={RANGES.map((one) => [one, t(`overview.${one}`)] as const)}
          onChange={(next) => choose(place, { range: next })}
        />
      </div>
      <Loaded resource={overview} rows={12}>
        {(data) => <Overview overview={data} />}
      </Loaded>
    </>
  );
}

function Overview({ overview }: { readonly overview: OperatorOverview }) {
  const { models, targets, spenders, low, names } = overview;
  return (
    <>
      <TargetNotice targets={targets} />
      <Figures overview={overview} />
      <ModelTable models={models} />
      <TargetTable targets={targets} />
      {overview.outcomes && (
        <p class="muted small table-hint">{t('overview.newestHint', { n: count(overview.outcomes.tries) })}</p>
      )}
      <div class="columns columns-wide overview-accounts">
        <Spenders spenders={spenders} names={names} />
        <LowAccounts accounts={low} />
      </div>
    </>
  );
}

/** In words, before any number: whether all targets answer. */
function TargetNotice({ targets }: { readonly targets: OperatorOverview['targets'] }) {
  const down = targets.filter(({ state }) => state !== 'closed').map(({ target }) => target);
  const tone = down.length > 0 ? 'card notice notice-warn' : 'card notice';
  return (
    <section class={tone} role="status">
      <div>
        <h2>{down.length === 0 ? t('overview.allWell') : t('overview.down', { n: count(down.length) })}</h2>
        <p>{down.length === 0 ? t('overview.allWellHint', { n: count(targets.length) }) : down.join(', ')}</p>
      </div>
    </section>
  );
}

function Figures({ overview: { now, before, outcomes, errors } }: { readonly overview: OperatorOverview }) {
  const rate = errors ?? outcomes;
  const amount = (value: string | null) => (value === null ? '–' : money(value));
  const share = now.margin !== null && Number(now.cost) > 0 ? Number(now.margin) / Number(now.cost) : undefined;
  return (
    <dl class="stats stats-six">
      <Stat
        label={t('overview.revenue')}
        value={money(now.cost)}
        detail={change(Number(now.cost), Number(before.cost))}
      />
      <Stat label={t('operator.providerCost')} value={amount(now.providerCost)} detail={t('overview.providerHint')} />
      <Stat
        label={t('operator.margin')}
        value={amount(now.margin)}
        detail={share === undefined ? undefined : t('overview.marginShare', { share: percent(share) })}
      />
      <Stat label={t('usage.requests')} value={count(now.requests)} detail={change(now.requests, before.requests)} />
      <Stat
        label={t('overview.errorRate')}
        value={rate && rate.tries > 0 ? percent(rate.failed / rate.tries) : '–'}
        detail={
          errors
            ? t('overview.failed', { n: count(errors.failed) })
            : outcomes
              ? t('overview.ofNewest', { n: count(outcomes.tries) })
              : t('requests.off')
        }
      />
      <Stat
        label={t('overview.p95')}
        value={outcomes?.p95 == null ? '–' : duration(outcomes.p95)}
        detail={
          outcomes?.firstToken == null ? undefined : t('overview.firstToken', { time: duration(outcomes.firstToken) })
        }
      />
    </dl>
  );
}
