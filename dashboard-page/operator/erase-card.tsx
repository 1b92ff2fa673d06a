/** @jsxImportSource preact */
import { post } from '../client.js';
import { t } from '../i18n.js';
import { addressOf } from '../router.js';
import { TextForm } from './text-form.js';

/** Erases an account for good, once its id has been typed. */
export function EraseCard({ id }: { readonly id: string }) {
  const erase = async (confirm: string) => {
    await post(`operator/accounts/${encodeURIComponent(id)}/erase`, { confirm });
    location.hash = addressOf(['operator', 'accounts']);
  };
  return (
    <details class="more">
      <summary>{t('operator.erase')}</summary>
      <TextForm
        title={t('operator.erase')}
        fields={[{ name: 'confirm', label: t('operator.eraseConfirm', { id }), hint: t('operator.eraseHint') }]}
        submit={t('operator.eraseNow')}
        danger
        onSubmit={({ confirm }) => erase(confirm.trim())}
      />
    </details>
  );
}
