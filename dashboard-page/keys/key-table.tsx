/** @jsxImportSource preact */
import type { KeyOrder } from '../../src/dashboard/key-views.js';
import { now } from '../clock.js';
import { ago, date, dateTime, money } from '../format.js';
import { t } from '../i18n.js';
import { addressOf } from '../router.js';
import type { Key } from '../shapes.js';
import { Menu, type MenuItem } from '../ui/menu.js';
import { Sparkline } from '../ui/sparkline.js';
import { type Column, NOTHING, Table } from '../ui/table.js';
import { KeyBudget } from './key-budget.js';

interface KeyTableProps {
  readonly keys: readonly Key[];
  readonly sorted: KeyOrder;
  readonly onSort: (order: string) => void;
  readonly actionsOf: (key: Key) => readonly MenuItem[];
}

/** Keys with what each spent and may still do. */
export function KeyTable({ keys, sorted, onSort, actionsOf }: KeyTableProps) {
  const columns: Column<Key>[] = [
    { title: t('keys.name'), header: true, sort: 'name', ascending: true, cell: (key) => <KeyName apiKey={key} /> },
    {
      title: t('keys.twoWeeks'),
      cell: ({ name, days }) => (days ? <Sparkline values={days} label={t('keys.sparkline', { name })} /> : NOTHING),
    },
    {
      title: t('keys.spent'),
      numeric: true,
      sort: 'spend',
      cell: ({ days }) => (days ? <Spent amount={days.reduce((sum, cost) => sum + cost, 0)} /> : NOTHING),
    },
    {
      title: t('keys.budget'),
      cell: (key) => <KeyBudget apiKey={key} />,
    },
    { title: t('keys.lastUsed'), sort: 'used', cell: (key) => <Time at={key.lastUsedAt} text={ago(key.lastUsedAt)} /> },
    { title: t('keys.expires'), cell: (key) => <Expiry apiKey={key} /> },
    {
      title: t('keys.actions'),
      quiet: true,
      cell: (key) => <Menu label={t('keys.actionsOf', { name: key.name })} items={actionsOf(key)} />,
    },
  ];
  return (
    <Table
      label={t('keys.title')}
      columns={columns}
      rows={keys}
      rowKey={({ id }) => id}
      sorted={sorted}
      onSort={onSort}
    />
  );
}

/** Most of many keys are idle: a zero stays in the background. */
function Spent({ amount }: { readonly amount: number }) {
  return <span class={amount === 0 ? 'muted' : ''}>{money(amount)}</span>;
}

function KeyName({ apiKey: { id, name, hint, models } }: { readonly apiKey: Key }) {
  return (
    <span class="stack">
      <a class="strong" href={addressOf(['keys', id])}>
        <bdi>{name}</bdi>
      </a>
      <span class="muted small">
        <code>{hint}</code>
        {models && (
          <span title={models.join('\n')}>
            {' · '}
            {models.length === 1 ? models[0] : t('keys.modelsCount', { n: models.length })}
          </span>
        )}
      </span>
    </span>
  );
}

function Time({ at, text }: { readonly at: string | null; readonly text: string }) {
  return at ? (
    <time dateTime={at} title={dateTime(at)}>
      {text}
    </time>
  ) : (
    <span class="muted">{text}</span>
  );
}

/** When a key ends, or that it has. */
export function Expiry({ apiKey }: { readonly apiKey: Pick<Key, 'expiresAt' | 'revokedAt' | 'disabledAt'> }) {
  const { expiresAt, revokedAt, disabledAt } = apiKey;
  if (revokedAt) return <span class="badge badge-warn">{t('keys.revoked')}</span>;
  if (disabledAt) return <span class="badge badge-warn">{t('keys.disabled')}</span>;
  if (!expiresAt) return <span class="muted nothing">{t('time.never')}</span>;
  if (Date.parse(expiresAt) <= now()) return <span class="badge badge-warn">{t('keys.expired')}</span>;
  return <Time at={expiresAt} text={date(expiresAt)} />;
}
