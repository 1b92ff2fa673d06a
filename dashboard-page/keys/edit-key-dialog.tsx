/** @jsxImportSource preact */
import { post } from '../client.js';
import { t } from '../i18n.js';
import type { Key } from '../shapes.js';
import { Dialog } from '../ui/dialog.js';
import { KeyForm } from './key-form.js';

interface EditKeyDialogProps {
  readonly apiKey: Key;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Renames a key and changes its expiry, budget and models. */
export function EditKeyDialog({ apiKey, onClose, onSaved }: EditKeyDialogProps) {
  const save = async (settings: object) => {
    await post(`keys/${encodeURIComponent(apiKey.id)}`, settings);
    onSaved();
  };
  return (
    <Dialog title={t('keys.editNamed', { name: apiKey.name })} onClose={onClose}>
      <KeyForm apiKey={apiKey} submitText={t('action.save')} onCancel={onClose} onSubmit={save} />
    </Dialog>
  );
}
