/** @jsxImportSource preact */
import { t } from '../i18n.js';
import type { Key } from '../shapes.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';

interface RevokeKeyDialogProps {
  readonly apiKey: Pick<Key, 'name' | 'hint'>;
  readonly onClose: () => void;
  readonly onRevoke: () => Promise<void>;
}

/** Asks before a key is revoked for good. */
export function RevokeKeyDialog({ apiKey, onClose, onRevoke }: RevokeKeyDialogProps) {
  return (
    <ConfirmDialog title={t('keys.revokeTitle')} action={t('keys.revoke')} onClose={onClose} onConfirm={onRevoke}>
      <p class="dialog-text">{t('keys.revokeHint', { name: apiKey.name })}</p>
      <p class="dialog-text">
        <code class="hint">{apiKey.hint}</code>
      </p>
    </ConfirmDialog>
  );
}
