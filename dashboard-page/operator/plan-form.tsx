/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../i18n.js';
import { Field } from '../ui/controls.js';
import { notifyError } from '../ui/toasts.js';

interface PlanFormProps {
  readonly plan: string;
  readonly plans: readonly string[];
  readonly onSave: (plan: string) => Promise<void>;
}

/** The plan of an account. */
export function PlanForm({ plan, plans, onSave }: PlanFormProps) {
  const [chosen, setChosen] = useState(plan);
  const [busy, setBusy] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await onSave(chosen).catch(notifyError);
    setBusy(false);
  };
  return (
    <form class="card form" onSubmit={save}>
      <h2>{t('billing.plan')}</h2>
      <Field label={t('billing.plan')}>
        {(ids) => (
          <select {...ids} class="input" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            {plans.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <button type="submit" class="button" disabled={busy || chosen === plan}>
        {t('operator.setPlan')}
      </button>
    </form>
  );
}
