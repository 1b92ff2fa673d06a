/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { Icon } from './icons.js';

/** Saves a file. @param props.label what it is, where several are beside each other. */
export function DownloadLink({ href, label }: { readonly href: string; readonly label?: string }) {
  return (
    <a class="button" href={href} aria-label={label} download>
      <Icon name="download" />
      {t('usage.export')}
    </a>
  );
}
