/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { CopyButton } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';

/** Shows the secret of a key, once: it can't be seen again. */
export function NewSecretDialog({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <Dialog title={t('keys.createdTitle')} onClose={onClose} dismissible={false}>
      <p class="dialog-text">{t('keys.createdHint')}</p>
      <div class="secret">
        <code>{secret}</code>
        <CopyButton text={secret} primary />
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          {t('action.done')}
        </button>
      </footer>
    </Dialog>
  );
}
