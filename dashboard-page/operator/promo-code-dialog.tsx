/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ApiError, post } from '../client.js';
import { errorText } from '../format.js';
import { t } from '../i18n.js';
import { Dialog } from '../ui/dialog.js';
import { AMOUNT, amountOf, TextField } from '../ui/text-field.js';
import { notifyError } from '../ui/toasts.js';

interface PromoCodeDialogProps {
  readonly onClose: () => void;
  readonly onCreated: () => void;
}

/** Adds a promo code. */
export function PromoCodeDialog({ onClose, onCreated }: PromoCodeDialogProps) {
  const [draft, setDraft] = useState({ code: '', amount: '', maxRedemptions: '', expiresAt: '', creditDays: '' });
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const create = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await post('operator/promo-codes', {
        code: draft.code,
        amount: amountOf(draft.amount),
        maxRedemptions: draft.maxRedemptions ? Number(draft.maxRedemptions) : undefined,
        creditDays: draft.creditDays ? Number(draft.creditDays) : undefined,
        expiresAt: draft.expiresAt ? new Date(`${draft.expiresAt}T23:59:59`).toISOString() : undefined,
      });
      onCreated();
    } catch (failure) {
      if (failure instanceof ApiError && failure.field) setError(failure);
      else notifyError(failure);
      setBusy(false);
    }
  };
  const text = (name: keyof typeof draft, label: string, hint: string, attributes: object) => (
    <TextField
      label={label}
      hint={hint}
      error={error?.field === name ? errorText(error) : undefined}
      attributes={attributes}
      value={draft[name]}
      onInput={(value) => setDraft({ ...draft, [name]: value })}
    />
  );
  return (
    <Dialog title={t('operator.createCode')} onClose={onClose}>
      <form class="form" onSubmit={create}>
        {text('code', t('operator.code'), '', { required: true, maxLength: 100, placeholder: 'WELCOME' })}
        {text('amount', t('operator.amount'), '', { ...AMOUNT, required: true })}
        <div class="field-row">
          {text('maxRedemptions', t('operator.maxRedemptions'), t('operator.unlimitedHint'), {
            type: 'number',
            min: 1,
          })}
          {text('creditDays', t('operator.creditDays'), t('operator.noExpiryHint'), { type: 'number', min: 1 })}
          {text('expiresAt', t('keys.expiryDate'), t('operator.noExpiryHint'), { type: 'date' })}
        </div>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="submit" class="button button-primary" disabled={busy}>
            {t('operator.createCode')}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
