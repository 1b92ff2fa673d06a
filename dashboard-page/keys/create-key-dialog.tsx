/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { post } from '../client.js';
import { t } from '../i18n.js';
import { Dialog } from '../ui/dialog.js';
import { KeyForm } from './key-form.js';
import { NewSecretDialog } from './new-secret-dialog.js';

interface CreateKeyDialogProps {
  readonly onClose: () => void;
  readonly onCreated: () => void;
}

/** Asks for a key's settings, then shows the key: this once, so nothing but its button closes it. */
export function CreateKeyDialog({ onClose, onCreated }: CreateKeyDialogProps) {
  const [key, setKey] = useState<string>();
  const create = async (settings: object) => {
    const created = await post<{ readonly key: string }>('keys', settings);
    setKey(created.key);
    onCreated();
  };
  return key === undefined ? (
    <Dialog key="form" title={t('keys.create')} onClose={onClose}>
      <KeyForm submitText={t('keys.create')} onCancel={onClose} onSubmit={create} />
    </Dialog>
  ) : (
    <NewSecretDialog key="created" secret={key} onClose={onClose} />
  );
}
