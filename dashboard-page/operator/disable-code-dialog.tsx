/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../i18n.js';
import { Dialog } from '../ui/dialog.js';

interface DisableCodeDialogProps {
  readonly code: string;
  readonly onClose: () => void;
  readonly onDisable: () => Promise<void>;
}

/** Asks before a promo code is disabled for good. */
export function DisableCodeDialog({ code, onClose, onDisable }: DisableCodeDialogProps) {
  const [busy, setBusy] = useState(false);
  const disable = () => {
    setBusy(true);
    void onDisable();
  };
  return (
    <Dialog title={t('operator.disableTitle')} onClose={onClose}>
      <p class="dialog-text">{t('operator.disableHint', { code })}</p>
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button type="button" class="button button-danger" disabled={busy} onClick={disable}>
          {t('operator.disableCode')}
        </button>
      </footer>
    </Dialog>
  );
}
