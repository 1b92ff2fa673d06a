/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ApiError, apiUrl } from '../client.js';
import { date, errorText } from '../format.js';
import { t } from '../i18n.js';
import type { Key, ModelList } from '../shapes.js';
import { Field } from '../ui/controls.js';
import { notifyError } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';
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

const EXPIRY_DAYS = [7, 30, 90, 365];

/** Name, expiry, budget and models of a key. */
export function KeyForm({ apiKey, submitText, onCancel, onSubmit }: KeyFormProps) {
  const [draft, setDraft] = useState(() => draftOf(apiKey));
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const models = useResource<ModelList>(apiUrl('models'));
  const set = (change: Partial<KeyDraft>) => setDraft((before) => ({ ...before, ...change }));
  const submit = async (event: Event) => {
    event.preventDefault();
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
      <Field label={t('keys.name')} error={errorOf('name')}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            required
            maxLength={100}
            autoComplete="off"
            placeholder={t('keys.namePlaceholder')}
            value={draft.name}
            onInput={(event) => set({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <ExpiryFields draft={draft} current={apiKey?.expiresAt ?? null} error={errorOf('expiresAt')} onChange={set} />
      {draft.lockedBudget ? (
        <p class="muted">{t('keys.lockedBudget')}</p>
      ) : (
        <BudgetFields draft={draft} error={errorOf('budget')} onChange={set} />
      )}
      <ModelPicker
        models={models.data?.data.map(({ id }) => id) ?? []}
        chosen={draft.models}
        error={errorOf('models')}
        onChange={(chosen) => set({ models: chosen })}
      />
      <Field label={t('keys.ips')} hint={t('keys.ipsHint')} error={errorOf('allowIps')}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            autoComplete="off"
            spellcheck={false}
            value={draft.ips}
            onInput={(event) => set({ ips: event.currentTarget.value })}
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

interface PartProps {
  readonly draft: KeyDraft;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<KeyDraft>) => void;
}

function ExpiryFields({ draft, current, error, onChange }: PartProps & { readonly current: string | null }) {
  return (
    <div class="field-row">
      <Field label={t('keys.expires')} error={error}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={draft.expiry}
            onChange={(event) => onChange({ expiry: event.currentTarget.value })}
          >
            {current && <option value="keep">{t('keys.expiry.keep', { date: date(current) })}</option>}
            <option value="never">{t('keys.expiry.never')}</option>
            {EXPIRY_DAYS.map((days) => (
              <option key={days} value={days}>
                {t('keys.expiry.days', { n: days })}
              </option>
            ))}
            <option value="date">{t('keys.expiry.date')}</option>
          </select>
        )}
      </Field>
      {draft.expiry === 'date' && (
        <Field label={t('keys.expiryDate')}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="date"
              required
              value={draft.expiryDate}
              onInput={(event) => onChange({ expiryDate: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

function BudgetFields({ draft, error, onChange }: PartProps) {
  return (
    <div class="field-row field-row-wide">
      <Field label={t('keys.budgetAmount')} hint={t('keys.budgetHint')} error={error}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            inputMode="decimal"
            pattern="\d{1,9}([.,]\d{1,9})?"
            placeholder="10.00"
            value={draft.budgetAmount}
            onInput={(event) => onChange({ budgetAmount: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t('keys.period')}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={draft.budgetPeriod}
            onChange={(event) => onChange({ budgetPeriod: event.currentTarget.value as KeyDraft['budgetPeriod'] })}
          >
            <option value="day">{t('keys.period.day')}</option>
            <option value="month">{t('keys.period.month')}</option>
            <option value="total">{t('keys.period.total')}</option>
          </select>
        )}
      </Field>
    </div>
  );
}
