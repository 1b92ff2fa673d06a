/** @jsxImportSource preact */
import { t } from '../i18n.js';
import type { AccountDetails } from '../shapes.js';
import { AMOUNT, amountOf } from '../ui/text-field.js';
import type { Write } from './account-page.js';
import { PlanForm } from './plan-form.js';
import { TextForm } from './text-form.js';

const REQUIRED_AMOUNT = { ...AMOUNT, required: true };

/** All that an operator may do to an account. */
export function AccountForms({ account, write }: { readonly account: AccountDetails; readonly write: Write }) {
  const path = `accounts/${encodeURIComponent(account.id)}`;
  const reasonField = { name: 'reason', label: t('operator.reason'), attributes: { maxLength: 200 } } as const;
  return (
    <div class="columns account-forms">
      <PlanForm
        plan={account.plan}
        plans={account.plans}
        onSave={(plan) => write(`${path}/plan`, { plan }, t('operator.planSaved'))}
      />
      <TextForm
        title={t('operator.adjust')}
        fields={[
          {
            name: 'amount',
            label: t('operator.amount'),
            hint: t('operator.adjustHint'),
            attributes: REQUIRED_AMOUNT,
          },
          { name: 'note', label: t('operator.note'), attributes: { maxLength: 200 } },
        ]}
        submit={t('operator.apply')}
        onSubmit={({ amount, note }, idempotencyKey) =>
          write(`${path}/adjust`, { amount: amountOf(amount), note, idempotencyKey }, t('operator.adjusted'))
        }
      />
      <TextForm
        title={t('operator.grant')}
        fields={[
          { name: 'amount', label: t('operator.amount'), attributes: REQUIRED_AMOUNT },
          { name: 'expires', label: t('operator.expires'), attributes: { type: 'date' } },
          reasonField,
        ]}
        submit={t('operator.grant')}
        onSubmit={({ amount, expires, reason }, idempotencyKey) => {
          const expiresAt = expires ? new Date(`${expires}T23:59:59`).toISOString() : undefined;
          const grant = { amount: amountOf(amount), expiresAt, reason, idempotencyKey };
          return write(`${path}/grant`, grant, t('operator.granted'));
        }}
      />
      <TextForm
        title={t('operator.refund')}
        fields={[
          { name: 'requestId', label: t('operator.requestId'), attributes: { required: true, maxLength: 200 } },
          reasonField,
        ]}
        submit={t('operator.refund')}
        onSubmit={({ requestId, reason }) => write(`${path}/refund`, { requestId, reason }, t('operator.refunded'))}
      />
      <TextForm
        key={account.budget?.amount}
        title={t('operator.budget')}
        fields={[
          {
            name: 'amount',
            label: `${t('keys.budgetAmount')} · ${t(`keys.per.${account.budget?.period ?? 'month'}`)}`,
            hint: t('operator.noBudget'),
            attributes: AMOUNT,
          },
        ]}
        initial={{ amount: String(account.budget?.amount ?? '') }}
        submit={t('action.save')}
        onSubmit={({ amount }) => {
          const budget = amount.trim() ? { amount: amountOf(amount), period: account.budget?.period ?? 'month' } : null;
          return write(`${path}/budget`, { budget }, t('operator.budgetSaved'));
        }}
      />
      <TextForm
        title={t('operator.noteTitle')}
        fields={[
          {
            name: 'note',
            label: t('operator.noteTitle'),
            hint: t('operator.noteHint'),
            attributes: { maxLength: 4_000 },
          },
        ]}
        initial={{ note: account.note ?? '' }}
        submit={t('action.save')}
        onSubmit={({ note }) => write(`${path}/note`, { note: note.trim() || null }, t('operator.noteSaved'))}
      />
      {account.suspended ? (
        <TextForm
          title={t('operator.resume')}
          fields={[]}
          submit={t('operator.resume')}
          onSubmit={() => write(`${path}/resume`, {}, t('operator.wasResumed'))}
        />
      ) : (
        <TextForm
          title={t('operator.suspend')}
          fields={[reasonField]}
          submit={t('operator.suspend')}
          danger
          onSubmit={({ reason }) => write(`${path}/suspend`, { reason }, t('operator.wasSuspended'))}
        />
      )}
    </div>
  );
}
