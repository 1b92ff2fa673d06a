/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { count, money } from '../format.js';
import { t } from '../i18n.js';
import { knownName } from '../known-name.js';
import { addressOf } from '../router.js';
import type { OperatorOverview } from '../shapes.js';
import { PlanBadge } from '../ui/plan-badge.js';

interface ListCardProps {
  readonly title: string;
  readonly more: string;
  readonly empty: string;
  readonly children: readonly ComponentChildren[];
}

function ListCard({ title, more, empty, children }: ListCardProps) {
  return (
    <section class="card">
      <div class="card-head">
        <h2>{title}</h2>
        <a href={more}>{t('home.all')}</a>
      </div>
      {children.length === 0 ? <p class="muted">{empty}</p> : <ul class="rows">{children}</ul>}
    </section>
  );
}

function AccountLink({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <a href={addressOf(['operator', 'accounts', id])}>
      <bdi>{name}</bdi>
    </a>
  );
}

type SpendersProps = Pick<OperatorOverview, 'spenders' | 'names'>;

/** Who spent most. */
export function Spenders({ spenders, names }: SpendersProps) {
  return (
    <ListCard
      title={t('overview.spenders')}
      more={addressOf(['operator', 'accounts'], { sort: 'spend' })}
      empty={t('usage.empty')}
    >
      {spenders.map(({ id, cost, requests }) => (
        <li key={id}>
          <span class="rows-main">
            <AccountLink id={id} name={knownName(names, id)} />
            <span class="muted small">{t('history.requests', { n: count(requests) })}</span>
          </span>
          <span class="number">{money(cost)}</span>
        </li>
      ))}
    </ListCard>
  );
}

/** Who is refused for money, or soon will be. */
export function LowAccounts({ accounts }: { readonly accounts: OperatorOverview['low'] }) {
  return (
    <ListCard title={t('overview.low')} more={addressOf(['operator', 'accounts'])} empty={t('overview.noneLow')}>
      {accounts.map(({ id, name, plan, available }) => (
        <li key={id}>
          <span class="rows-main chips">
            <AccountLink id={id} name={name} />
            <PlanBadge plan={plan} />
          </span>
          <span class="number">{money(available ?? 0)}</span>
        </li>
      ))}
    </ListCard>
  );
}
