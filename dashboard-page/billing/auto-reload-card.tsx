/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ApiError, postTo } from '../client.js';
import { dateTime, errorText, money } from '../format.js';
import { t } from '../i18n.js';
import type { Billing } from '../shapes.js';
import { amountOf, TextField } from '../ui/text-field.js';
import { notify, notifyError } from '../ui/toasts.js';
import type { Payments } from './payments.js';
import { cardName } from './top-up-card.js';

const FIELDS = ['threshold', 'amount', 'dailyLimit'] as const;
type FieldName = (typeof FIELDS)[number];

interface AutoReloadCardProps {
  readonly billing: Billing;
  readonly payments: Payments;
}

/** Whether and when the saved card is charged by itself. */
export function AutoReloadCard({ billing: { autoReload, card }, payments }: AutoReloadCardProps) {
  const { enabled, pausedUntil } = autoReload;
  return (
    <section class="card">
      <div class="card-head">
        <h2>
          {t('pay.reload')}{' '}
          <span class={enabled ? 'badge badge-good' : 'badge'}>{t(enabled ? 'pay.reloadOn' : 'pay.reloadOff')}</span>
        </h2>
        {card && <span class="muted small">{cardName(card)}</span>}
      </div>
      {pausedUntil && (
        <p class="field-error" role="status">
          {t('pay.reloadPaused', { time: dateTime(pausedUntil) })}
        </p>
      )}
      <p class="muted">{t(card ? 'pay.reloadHint' : 'pay.reloadNeedsCard')}</p>
      {card && <ReloadForm autoReload={autoReload} payments={payments} />}
    </section>
  );
}

interface ReloadFormProps {
  readonly autoReload: Billing['autoReload'];
  readonly payments: Payments;
}

function ReloadForm({ autoReload, payments }: ReloadFormProps) {
  const { enabled, maxThreshold, maxDailyLimit } = autoReload;
  const [draft, setDraft] = useState<Record<FieldName, string>>({
    threshold: autoReload.threshold ?? '5',
    amount: autoReload.amount ?? '25',
    dailyLimit: autoReload.dailyLimit ?? maxDailyLimit ?? '',
  });
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const save = async (body: object, done: string) => {
    setBusy(true);
    setError(undefined);
    try {
      await postTo(payments.url('auto-reload'), body);
      notify(done);
      payments.state.reload();
    } catch (failure) {
      if (failure instanceof ApiError && failure.field) setError(failure);
      else notifyError(failure);
    }
    setBusy(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const amounts = Object.fromEntries(FIELDS.map((name) => [name, amountOf(draft[name])]));
    void save({ enabled: true, ...amounts }, t('pay.reloadStarted'));
  };
  const hints: Record<FieldName, string> = {
    threshold: t('pay.thresholdHint', { amount: money(maxThreshold ?? 0) }),
    amount: t('pay.amountHint'),
    dailyLimit: t('pay.dailyLimitHint', { amount: money(maxDailyLimit ?? 0) }),
  };
  return (
    <form class="form" onSubmit={submit}>
      <div class="field-row">
        {FIELDS.map((name) => (
          <TextField
            key={name}
            label={t(`pay.${name}`)}
            hint={hints[name]}
            error={error?.field === name ? errorText(error) : undefined}
            attributes={{ required: true, inputMode: 'decimal', pattern: '\\d{1,9}([.,]\\d{1,2})?' }}
            value={draft[name]}
            onInput={(value) => setDraft({ ...draft, [name]: value })}
          />
        ))}
      </div>
      <div class="actions">
        <button type="submit" class={enabled ? 'button' : 'button button-primary'} disabled={busy}>
          {t(enabled ? 'action.save' : 'pay.reloadStart')}
        </button>
        {enabled && (
          <button
            type="button"
            class="button button-danger-quiet"
            disabled={busy}
            onClick={() => void save({ enabled: false }, t('pay.reloadStopped'))}
          >
            {t('pay.reloadStop')}
          </button>
        )}
      </div>
    </form>
  );
}
