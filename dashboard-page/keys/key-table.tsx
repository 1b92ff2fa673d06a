/** @jsxImportSource preact */
import { ago, date, dateTime, money } from '../format.js';
import { t } from '../i18n.js';
import type { Key } from '../shapes.js';
import { type Column, Table } from '../ui/table.js';

interface KeyTableProps {
  readonly label: string;
  readonly keys: readonly Key[];
  /** Without these the keys can't be changed. */
  readonly onEdit?: (key: Key) => void;
  readonly onRevoke?: (key: Key) => void;
}

/** A list of keys with what is known of each. */
export function KeyTable({ label, keys, onEdit, onRevoke }: KeyTableProps) {
  const columns: Column<Key>[] = [
    {
      title: t('keys.name'),
      header: true,
      cell: (key) => (
        <span class="stack">
          <bdi class="strong">{key.name}</bdi>
          <code class="hint">{key.hint}</code>
        </span>
      ),
    },
    { title: t('keys.created'), cell: (key) => <Time at={key.createdAt} text={date(key.createdAt)} /> },
    { title: t('keys.lastUsed'), cell: (key) => <Time at={key.lastUsedAt} text={ago(key.lastUsedAt)} /> },
    showsRevoked(keys)
      ? { title: t('keys.revoked'), cell: (key) => <Time at={key.revokedAt} text={ago(key.revokedAt)} /> }
      : { title: t('keys.expires'), cell: (key) => <Expiry expiresAt={key.expiresAt} /> },
    { title: t('keys.budget'), cell: (key) => <Scope apiKey={key} /> },
  ];
  if (onEdit && onRevoke)
    columns.push({
      title: t('keys.actions'),
      quiet: true,
      cell: (key) => (
        <span class="row-actions">
          <button
            type="button"
            class="button button-small"
            aria-label={t('keys.editNamed', { name: key.name })}
            onClick={() => onEdit(key)}
          >
            {t('keys.edit')}
          </button>
          <button
            type="button"
            class="button button-small button-danger-quiet"
            aria-label={t('keys.revokeNamed', { name: key.name })}
            onClick={() => onRevoke(key)}
          >
            {t('keys.revoke')}
          </button>
        </span>
      ),
    });
  return <Table label={label} columns={columns} rows={keys} rowKey={(key) => key.id} />;
}

/** Whether these are revoked keys. */
function showsRevoked(keys: readonly Key[]): boolean {
  return Boolean(keys[0]?.revokedAt);
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

function Expiry({ expiresAt }: { readonly expiresAt: string | null }) {
  if (!expiresAt) return <span class="muted">{t('time.never')}</span>;
  if (new Date(expiresAt).getTime() <= Date.now()) return <span class="badge badge-warn">{t('keys.expired')}</span>;
  return <Time at={expiresAt} text={date(expiresAt)} />;
}

/** Budget and models of a key. */
function Scope({ apiKey: { budget, models } }: { readonly apiKey: Key }) {
  if (!budget && !models) return <span class="muted">–</span>;
  return (
    <span class="stack">
      {budget && (
        <span>
          {money(budget.amount)} <span class="muted">/ {t(`keys.period.${budget.period}`)}</span>
        </span>
      )}
      {models && (
        <span class="muted" title={models.join('\n')}>
          {models.length === 1 ? t('keys.oneModel') : t('keys.modelsCount', { n: models.length })}
        </span>
      )}
    </span>
  );
}
