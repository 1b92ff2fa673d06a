/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { post } from '../client.js';
import { errorText, money } from '../format.js';
import { t } from '../i18n.js';
import { TextField } from '../ui/text-field.js';
import { notify } from '../ui/toasts.js';

/** Takes a promo code. */
export function RedeemForm({ onRedeemed }: { readonly onRedeemed: () => void }) {
  const [code, setCode] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const redeem = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const { balance } = await post<{ readonly balance: string }>('credits/redeem', { code });
      setCode('');
      notify(t('billing.redeemed', { balance: money(balance) }));
      onRedeemed();
    } catch (failure) {
      setError(errorText(failure));
    }
    setBusy(false);
  };
  return (
    <form class="card" onSubmit={redeem}>
      <div class="card-head">
        <h2>{t('billing.promo')}</h2>
      </div>
      <div class="inline-form">
        <TextField
          label={t('billing.promo')}
          labelHidden
          error={error}
          attributes={{
            required: true,
            maxLength: 100,
            spellcheck: false,
            placeholder: t('billing.promoPlaceholder'),
          }}
          value={code}
          onInput={setCode}
        />
        <button type="submit" class="button" disabled={busy}>
          {t('billing.redeem')}
        </button>
      </div>
    </form>
  );
}
