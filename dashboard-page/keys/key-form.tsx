/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ApiError, apiUrl } from '../client.js';
import { errorText } from '../format.js';
import { t } from '../i18n.js';
import type { Key, ModelList } from '../shapes.js';
import { Field } from '../ui/controls.js';
import { TextField } from '../ui/text-field.js';
import { notifyError } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';
import { BudgetFields, ExpiryFields } from './key-form-parts.js';
import { draftOf, type KeyDraft, settingsOf } from './key-settings.js';
import { ModelPicker } from './model-picker.js';

interface KeyFormProps {
  /** The key to edit; undefined for a new one. */
  readonly apiKey?: Key;
  readonly submitText: string;
  readonly onCancel: () => void;
  /** Writes; what it throws is shown at the field that it names. */
  readonly onSubmit: (settings: object) => Promise<void>;
}

/** Name, expiry, budget, models, addresses and notes of a key. */
export function KeyForm({ apiKey, submitText, onCancel, onSubmit }: KeyFormProps) {
  const [draft, setDraft] = useState(() => draftOf(apiKey));
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const models = useResource<ModelList>(apiUrl('models'));
  const set = (change: Partial<KeyDraft>) => setDraft((before) => ({ ...before, ...change }));
  const submit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (draft.models?.length === 0) return;
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit(settingsOf(draft, apiKey !== undefined));
    } catch (failure) {
      if (failure instanceof ApiError && failure.field) setError(failure);
      else notifyError(failure);
      setBusy(false);
    }
  };
  const errorOf = (field: string) => (error?.field?.startsWith(field) ? errorText(error) : undefined);
  return (
    <form class="form" onSubmit={submit}>
      <TextField
        label={t('keys.name')}
        error={errorOf('name')}
        attributes={{ required: true, maxLength: 100, placeholder: t('keys.namePlaceholder') }}
        value={draft.name}
        onInput={(name) => set({ name })}
      />
      <ExpiryFields draft={draft} current={apiKey?.expiresAt ?? null} error={errorOf('expiresAt')} onChange={set} />
      {draft.lockedBudget ? (
        <p class="muted">{t('keys.lockedBudget')}</p>
      ) : (
        <BudgetFields draft={draft} error={errorOf('budget')} onChange={set} />
      )}
      <ModelPicker
        models={models.data?.data.map(({ id }) => id) ?? []}
        chosen={draft.models}
        error={tried && draft.models?.length === 0 ? t('keys.noModel') : errorOf('models')}
        onChange={(chosen) => set({ models: chosen })}
      />
      <TextField
        label={t('keys.ips')}
        hint={t('keys.ipsHint')}
        error={errorOf('allowIps')}
        attributes={{ spellcheck: false }}
        value={draft.ips}
        onInput={(ips) => set({ ips })}
      />
      <Field label={t('keys.metadata')} hint={t('keys.metadataHint')} error={errorOf('metadata')}>
        {(ids) => (
          <textarea
            {...ids}
            class="input"
            rows={2}
            spellcheck={false}
            value={draft.metadata}
            onInput={(event) => set({ metadata: event.currentTarget.value })}
          />
        )}
      </Field>
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={onCancel}>
          {t('action.cancel')}
        </button>
        <button type="submit" class="button button-primary" disabled={busy}>
          {submitText}
        </button>
      </footer>
    </form>
  );
}
