/** @jsxImportSource preact */
import { date } from '../format.js';
import { t } from '../i18n.js';
import { Field } from '../ui/controls.js';
import { AMOUNT, TextField } from '../ui/text-field.js';
import type { KeyDraft } from './key-settings.js';

const EXPIRY_DAYS = [7, 30, 90, 365];

interface PartProps {
  readonly draft: KeyDraft;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<KeyDraft>) => void;
}

/** When a key ends. */
export function ExpiryFields({ draft, current, error, onChange }: PartProps & { readonly current: string | null }) {
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
        <TextField
          label={t('keys.expiryDate')}
          attributes={{ type: 'date', required: true }}
          value={draft.expiryDate}
          onInput={(expiryDate) => onChange({ expiryDate })}
        />
      )}
    </div>
  );
}

/** What a key may spend. */
export function BudgetFields({ draft, error, onChange }: PartProps) {
  return (
    <div class="field-row field-row-wide">
      <TextField
        label={t('keys.budgetAmount')}
        hint={t('keys.budgetHint')}
        error={error}
        attributes={AMOUNT}
        value={draft.budgetAmount}
        onInput={(budgetAmount) => onChange({ budgetAmount })}
      />
      <Field label={t('keys.period')}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={draft.budgetPeriod}
            onChange={(event) => onChange({ budgetPeriod: event.currentTarget.value as KeyDraft['budgetPeriod'] })}
          >
            <option value="day">{t('keys.period.day')}</option>
            <option value="week">{t('keys.period.week')}</option>
            <option value="month">{t('keys.period.month')}</option>
            <option value="total">{t('keys.period.total')}</option>
          </select>
        )}
      </Field>
    </div>
  );
}
