/** @jsxImportSource preact */
import { apiUrl, get } from '../client.js';
import { t } from '../i18n.js';
import { fileUrl } from '../page-session.js';
import { Icon } from './icons.js';

/**
 * Saves a file. A session that has ended meanwhile is noticed by the page, too: the browser says no more than that there
 * is no file.
 *
 * @param props.label what it is, where several are beside each other.
 */
export function DownloadLink({ href, label }: { readonly href: string; readonly label?: string }) {
  return (
    <a class="button" href={fileUrl(href)} aria-label={label} onClick={lookAtSession} download>
      <Icon name="download" />
      {t('usage.export')}
    </a>
  );
}

function lookAtSession(): void {
  get(apiUrl('session')).catch(() => {});
}
