/** @jsxImportSource preact */
import { findMessage, t } from '../i18n.js';

/** How a request ended: its status in color, with the error's code where there is one. */
export function RequestBadge({ status, code }: { readonly status: number; readonly code: string | null }) {
  const tone = status < 400 ? 'badge badge-good' : status < 500 ? 'badge badge-warn' : 'badge badge-bad';
  return (
    <span class={tone} title={code ?? undefined}>
      {status}{' '}
      {code ? (findMessage(`code.${code}`) ?? code.replaceAll('_', ' ')) : status < 400 ? t('requests.ok') : ''}
    </span>
  );
}
