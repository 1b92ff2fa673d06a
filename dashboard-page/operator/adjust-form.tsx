/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { post } from '../client.js';
import { errorText } from '../format.js';
import { t } from '../i18n.js';
import { Field } from '../ui/controls.js';

/** Adds money to an account or takes some. A second click on a slow answer can't count twice. */
export function AdjustForm({ path, onAdjusted }: { readonly path: string; readonly onAdjusted: () => void }) {
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  const [idempotencyKey, setIdempotencyKey] = useState(newKey);
  const [error, setError] = useState<string>();
  const adjust = async (event: Event) => {
    event.preventDefault();
    setError(undefined);
    try {
      await post(`${path}/adjust`, { amount: amount.trim().replace(',', '.'), note, idempotencyKey });
    } catch (failure) {
      setError(errorText(failure));
      return;
    }
    setAmount('');
    setNote('');
    setIdempotencyKey(newKey());
    onAdjusted();
  };
  return (
    <form class="form" onSubmit={adjust}>
      <Field label={t('operator.adjust')} hint={t('operator.adjustHint')} error={error}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            required
            inputMode="decimal"
            placeholder="10.00"
            autoComplete="off"
            value={amount}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={t('operator.note')}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            maxLength={200}
            autoComplete="off"
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" class="button">
        {t('operator.apply')}
      </button>
    </form>
  );
}

/** `crypto.randomUUID` exists in secure contexts only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `dashboard:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
