/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import type { Key, KeyList } from '../shapes.js';
import { Icon } from '../ui/icons.js';
import { Empty, Loaded, PageHead } from '../ui/states.js';
import { notify } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';
import { CreateKeyDialog } from './create-key-dialog.js';
import { EditKeyDialog } from './edit-key-dialog.js';
import { KeyTable } from './key-table.js';
import { RevokeKeyDialog } from './revoke-key-dialog.js';

type Open = { readonly kind: 'create' } | { readonly kind: 'edit' | 'revoke'; readonly key: Key };

/** The account's keys: create, edit, revoke. */
export function KeysPage() {
  const keys = useResource<KeyList>(apiUrl('keys'), 15_000);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const changed = (text: string) => {
    close();
    notify(text);
    keys.reload();
  };
  return (
    <>
      <PageHead title={t('keys.title')} intro={t('keys.intro')}>
        <button type="button" class="button button-primary" onClick={() => setOpen({ kind: 'create' })}>
          <Icon name="plus" />
          {t('keys.create')}
        </button>
      </PageHead>
      <Loaded resource={keys}>
        {({ data }) => (
          <KeyLists
            keys={data}
            onEdit={(key) => setOpen({ kind: 'edit', key })}
            onRevoke={(key) => setOpen({ kind: 'revoke', key })}
          />
        )}
      </Loaded>
      {open?.kind === 'create' && <CreateKeyDialog onClose={close} onCreated={keys.reload} />}
      {open?.kind === 'edit' && (
        <EditKeyDialog apiKey={open.key} onClose={close} onSaved={() => changed(t('keys.saved'))} />
      )}
      {open?.kind === 'revoke' && (
        <RevokeKeyDialog apiKey={open.key} onClose={close} onRevoked={() => changed(t('keys.wasRevoked'))} />
      )}
    </>
  );
}

interface KeyListsProps {
  readonly keys: readonly Key[];
  readonly onEdit: (key: Key) => void;
  readonly onRevoke: (key: Key) => void;
}

/** Keys that work first; revoked ones only when asked for. */
function KeyLists({ keys, onEdit, onRevoke }: KeyListsProps) {
  const live = keys.filter((key) => !key.revokedAt);
  const revoked = keys.filter((key) => key.revokedAt);
  return (
    <>
      {live.length === 0 ? (
        <section class="card">
          <Empty title={t('keys.empty')} hint={t('keys.emptyHint')} />
        </section>
      ) : (
        <section class="card card-table">
          <KeyTable label={t('keys.title')} keys={live} onEdit={onEdit} onRevoke={onRevoke} />
        </section>
      )}
      {revoked.length > 0 && (
        <details class="more">
          <summary>{t('keys.showRevoked', { n: revoked.length })}</summary>
          <section class="card card-table">
            <KeyTable label={t('keys.revoked')} keys={revoked} />
          </section>
        </details>
      )}
    </>
  );
}
