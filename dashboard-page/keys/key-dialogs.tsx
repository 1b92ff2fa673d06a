/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../client.js';
import { t } from '../i18n.js';
import type { Key } from '../shapes.js';
import type { MenuItem } from '../ui/menu.js';
import { notify, notifyError } from '../ui/toasts.js';
import { CreateKeyDialog } from './create-key-dialog.js';
import { EditKeyDialog } from './edit-key-dialog.js';
import { RevokeKeyDialog } from './revoke-key-dialog.js';
import { RotateKeyDialog } from './rotate-key-dialog.js';

type Open = { readonly kind: 'create' } | { readonly kind: 'edit' | 'rotate' | 'revoke'; readonly key: Key };

/** The dialogs that create and change keys, one at a time; `onChanged` is called when one has written. */
export function useKeyDialogs(onChanged: () => void) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const changed = (text: string) => {
    close();
    notify(text);
    onChanged();
  };
  const turn = async ({ id, disabledAt }: Key) => {
    try {
      await post(`keys/${encodeURIComponent(id)}/${disabledAt ? 'enable' : 'disable'}`);
      changed(t(disabledAt ? 'keys.wasEnabled' : 'keys.wasDisabled'));
    } catch (error) {
      notifyError(error);
    }
  };
  const actionsOf = (key: Key): readonly MenuItem[] =>
    key.revokedAt
      ? []
      : [
          { text: t('keys.edit'), run: () => setOpen({ kind: 'edit', key }) },
          ...(key.disabledAt ? [] : [{ text: t('keys.rotate'), run: () => setOpen({ kind: 'rotate' as const, key }) }]),
          { text: t(key.disabledAt ? 'keys.enable' : 'keys.disable'), run: () => void turn(key) },
          { text: t('keys.revoke'), danger: true, run: () => setOpen({ kind: 'revoke', key }) },
        ];
  return {
    create: () => setOpen({ kind: 'create' }),
    actionsOf,
    shown: dialogOf(open, close, changed, onChanged),
  };
}

function dialogOf(
  open: Open | undefined,
  close: () => void,
  changed: (text: string) => void,
  onCreated: () => void,
): ComponentChildren {
  switch (open?.kind) {
    case 'create':
      return <CreateKeyDialog onClose={close} onCreated={onCreated} />;
    case 'edit':
      return <EditKeyDialog apiKey={open.key} onClose={close} onSaved={() => changed(t('keys.saved'))} />;
    case 'rotate':
      return <RotateKeyDialog apiKey={open.key} onClose={close} onRotated={onCreated} />;
    case 'revoke': {
      const revoke = async ({ id }: Key) => {
        await post(`keys/${encodeURIComponent(id)}/revoke`);
        changed(t('keys.wasRevoked'));
      };
      return <RevokeKeyDialog apiKey={open.key} onClose={close} onRevoke={() => revoke(open.key)} />;
    }
    default:
      return null;
  }
}
