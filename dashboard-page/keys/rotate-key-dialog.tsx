/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { post } from '../client.js';
import { t } from '../i18n.js';
import type { Key } from '../shapes.js';
import { Field } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { notifyError } from '../ui/toasts.js';
import { NewSecretDialog } from './new-secret-dialog.js';

const OVERLAPS = ['24h', '1h', '7d', '0'] as const;

interface RotateKeyDialogProps {
  readonly apiKey: Key;
  readonly onClose: () => void;
  readonly onRotated: () => void;
}

/** Makes the successor of a key, and shows it: this once. */
export function RotateKeyDialog({ apiKey, onClose, onRotated }: RotateKeyDialogProps) {
  const [overlap, setOverlap] = useState('24h');
  const [key, setKey] = useState<string>();
  const [busy, setBusy] = useState(false);
  const rotate = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const rotated = await post<{ readonly key: string }>(`keys/${encodeURIComponent(apiKey.id)}/rotate`, { overlap });
      setKey(rotated.key);
      onRotated();
    } catch (error) {
      notifyError(error);
      setBusy(false);
    }
  };
  if (key !== undefined) return <NewSecretDialog key="rotated" secret={key} onClose={onClose} />;
  return (
    <Dialog key="form" title={t('keys.rotateNamed', { name: apiKey.name })} onClose={onClose}>
      <form class="form" onSubmit={rotate}>
        <p class="dialog-text">{t('keys.rotateHint')}</p>
        <Field label={t('keys.overlap')}>
          {(ids) => (
            <select {...ids} class="input" value={overlap} onChange={(event) => setOverlap(event.currentTarget.value)}>
              {OVERLAPS.map((one) => (
                <option key={one} value={one}>
                  {t(`keys.overlap.${one}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="submit" class="button button-primary" disabled={busy}>
            {t('keys.rotate')}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
