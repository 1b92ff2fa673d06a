/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { EntryTable } from '../billing/entry-table.js';
import { apiUrl, post } from '../client.js';
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { AccountDetails } from '../shapes.js';
import { Field } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { Empty, Loaded, Stat } from '../ui/states.js';
import { notify, notifyError } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';
import { AdjustForm } from './adjust-form.js';

interface AccountDialogProps {
  readonly id: string;
  readonly plans: readonly string[];
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** One account: its balance, its plan, a correction, its latest movements. */
export function AccountDialog({ id, plans, onClose, onChanged }: AccountDialogProps) {
  const path = `operator/accounts/${encodeURIComponent(id)}`;
  const account = useResource<AccountDetails>(apiUrl(path));
  const changed = (text: string) => {
    notify(text);
    account.reload();
    onChanged();
  };
  return (
    <Dialog title={id} wide onClose={onClose}>
      <Loaded resource={account}>
        {(data) => (
          <>
            <dl class="stats stats-flat">
              <Stat label={t('billing.balance')} value={money(data.balance)} />
              <Stat label={t('operator.held')} value={money(data.held)} />
            </dl>
            <div class="columns">
              <PlanForm path={path} plan={data.plan} plans={plans} onSaved={() => changed(t('operator.planSaved'))} />
              <AdjustForm path={path} onAdjusted={() => changed(t('operator.adjusted'))} />
            </div>
            <h3>{t('billing.history')}</h3>
            {data.history.length > 0 ? (
              <EntryTable entries={data.history} />
            ) : (
              <Empty title={t('billing.empty')} hint={t('billing.emptyHint')} />
            )}
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

interface PlanFormProps {
  readonly path: string;
  readonly plan: string;
  readonly plans: readonly string[];
  readonly onSaved: () => void;
}

function PlanForm({ path, plan, plans, onSaved }: PlanFormProps) {
  const [chosen, setChosen] = useState(plan);
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      await post(`${path}/plan`, { plan: chosen });
      onSaved();
    } catch (error) {
      notifyError(error);
    }
  };
  return (
    <form class="form" onSubmit={save}>
      <Field label={t('billing.plan')}>
        {(ids) => (
          <select {...ids} class="input" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            {plans.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <button type="submit" class="button" disabled={chosen === plan}>
        {t('operator.setPlan')}
      </button>
    </form>
  );
}
