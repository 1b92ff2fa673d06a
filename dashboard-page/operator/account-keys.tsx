/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ago, count, money } from '../format.js';
import { t } from '../i18n.js';
import { Expiry } from '../keys/key-table.js';
import { RevokeKeyDialog } from '../keys/revoke-key-dialog.js';
import type { AccountDetails } from '../shapes.js';
import { Menu } from '../ui/menu.js';
import { Empty } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { notifyError } from '../ui/toasts.js';
import type { Write } from './account-page.js';

type Key = AccountDetails['keys'][number];

interface AccountKeysProps {
  /** The newest. */
  readonly keys: readonly Key[];
  /** How many there are. */
  readonly count: number;
  readonly write: Write;
}

/** The keys of an account, for an operator: lock a budget, revoke. */
export function AccountKeys({ keys, count: all, write }: AccountKeysProps) {
  const run = (action: string, body: object, done: string) => void write(action, body, done).catch(notifyError);
  const [revoking, setRevoking] = useState<Key>();
  const revoke = async ({ id }: Key) => {
    await write(`keys/${encodeURIComponent(id)}/revoke`, {}, t('keys.wasRevoked'));
    setRevoking(undefined);
  };
  const actionsOf = (key: Key) => {
    const { id, lockedBudget, revokedAt } = key;
    if (revokedAt) return [];
    return [
      {
        text: t(lockedBudget ? 'operator.unlock' : 'operator.lock'),
        run: () => run(`keys/${encodeURIComponent(id)}`, { lockedBudget: !lockedBudget }, t('operator.keySaved')),
      },
      { text: t('keys.revoke'), danger: true, run: () => setRevoking(key) },
    ];
  };
  return (
    <>
      <h2 class="section-title">{t('keys.title')}</h2>
      <section class="card card-table">
        {keys.length === 0 ? (
          <Empty title={t('keys.empty')} hint={t('operator.noKeysHint')} />
        ) : (
          <Table
            label={t('keys.title')}
            rows={keys}
            rowKey={({ id }) => id}
            columns={[
              {
                title: t('keys.name'),
                header: true,
                cell: ({ name, hint }) => (
                  <span class="stack">
                    <bdi class="strong">{name}</bdi>
                    <code class="muted small">{hint}</code>
                  </span>
                ),
              },
              {
                title: t('keys.budget'),
                cell: ({ budget, lockedBudget }) =>
                  budget
                    ? `${money(budget.amount)} ${t(`keys.per.${budget.period}`)}${lockedBudget ? ' 🔒' : ''}`
                    : '–',
              },
              { title: t('keys.lastUsed'), cell: ({ lastUsedAt }) => ago(lastUsedAt) },
              { title: t('keys.expires'), cell: (key) => <Expiry apiKey={key} /> },
              {
                title: t('keys.actions'),
                quiet: true,
                cell: (key) => <Menu label={t('keys.actionsOf', { name: key.name })} items={actionsOf(key)} />,
              },
            ]}
          />
        )}
      </section>
      {all > keys.length && (
        <p class="muted small table-hint">{t('operator.newestKeys', { n: count(keys.length), all: count(all) })}</p>
      )}
      {revoking && (
        <RevokeKeyDialog apiKey={revoking} onClose={() => setRevoking(undefined)} onRevoke={() => revoke(revoking)} />
      )}
    </>
  );
}
