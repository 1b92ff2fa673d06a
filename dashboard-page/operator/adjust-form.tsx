/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { errorText } from '../format.js';
import { t } from '../i18n.js';
import { Field } from '../ui/controls.js';
import { newIdempotencyKey } from './idempotency-key.js';

interface AdjustFormProps {
  readonly onAdjust: (movement: object) => Promise<void>;
}

/** Adds money to an account or takes some. A second click on a slow answer can't count twice. */
export function AdjustForm({ onAdjust }: AdjustFormProps) {
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const [error, setError] = useState<string>();
  const adjust = async (event: Event) => {
    event.preventDefault();
    setError(undefined);
    try {
      await onAdjust({ amount: amount.trim().replace(',', '.'), note, idempotencyKey });
    } catch (failure) {
      setError(errorText(failure));
      return;
    }
    setAmount('');
    setNote('');
    setIdempotencyKey(newIdempotencyKey());
  };
  return (
    <form class="card form" onSubmit={adjust}>
      <h2>{t('operator.adjust')}</h2>
      <Field label={t('operator.amount')} hint={t('operator.adjustHint')} error={error}>
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
