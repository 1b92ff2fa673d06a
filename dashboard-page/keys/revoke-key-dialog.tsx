/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../i18n.js';
import type { Key } from '../shapes.js';
import { Dialog } from '../ui/dialog.js';
import { notifyError } from '../ui/toasts.js';

interface RevokeKeyDialogProps {
  readonly apiKey: Pick<Key, 'name' | 'hint'>;
  readonly onClose: () => void;
  readonly onRevoke: () => Promise<void>;
}

/** Asks before a key is revoked for good. */
export function RevokeKeyDialog({ apiKey, onClose, onRevoke }: RevokeKeyDialogProps) {
  const [busy, setBusy] = useState(false);
  const revoke = async () => {
    setBusy(true);
    try {
      await onRevoke();
    } catch (error) {
      notifyError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('keys.revokeTitle')} onClose={onClose}>
      <p class="dialog-text">{t('keys.revokeHint', { name: apiKey.name })}</p>
      <p class="dialog-text">
        <code class="hint">{apiKey.hint}</code>
      </p>
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button type="button" class="button button-danger" disabled={busy} onClick={() => void revoke()}>
          {t('keys.revoke')}
        </button>
      </footer>
    </Dialog>
  );
}
