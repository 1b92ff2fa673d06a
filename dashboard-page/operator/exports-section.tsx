/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { now } from '../clock.js';
import { monthName } from '../format.js';
import { t } from '../i18n.js';
import { choose, type Place } from '../router.js';
import { DownloadLink } from '../ui/download-link.js';
import { Select } from '../ui/select.js';

const MONTHS = 13;

/** What finance needs, as files. */
export function ExportsSection({ place }: { readonly place: Place }) {
  const months = lastMonths(now());
  const wanted = place.query.get('month') ?? '';
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(wanted) ? wanted : (months[0] ?? '');
  const [from, to] = [new Date(`${month}-01`), new Date(`${month}-01`)];
  to.setUTCMonth(to.getUTCMonth() + 1);
  const range = { from: from.toISOString(), to: to.toISOString() };
  const files = [
    ['exports.margin', apiUrl('operator/usage.csv', { ...range, by: 'month' })],
    ['exports.usage', apiUrl('operator/usage.csv', { ...range, by: 'day' })],
    ['exports.movements', apiUrl('operator/movements.csv', { month })],
    ['exports.accounts', apiUrl('operator/accounts.csv')],
    ['exports.promoCodes', apiUrl('operator/promo-codes.csv')],
    ['exports.audit', apiUrl('operator/changes.csv')],
  ] as const;
  return (
    <>
      <div class="toolbar">
        <Select
          label={t('exports.month')}
          value={month}
          options={months.map((one) => [one, monthName(one)] as const)}
          onChange={(next) => choose(place, { month: next })}
        />
      </div>
      <section class="card">
        <ul class="rows">
          {files.map(([text, href]) => (
            <li key={text}>
              <span class="rows-main rows-stack">
                <b class="strong">{t(text)}</b>
                <span class="muted small">{t(`${text}Hint`)}</span>
              </span>
              <DownloadLink href={href} label={t('exports.download', { name: t(text) })} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** The running UTC month and those before it. */
function lastMonths(now: number): string[] {
  const date = new Date(now);
  return Array.from({ length: MONTHS }, (_, index) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - index, 1)).toISOString().slice(0, 7),
  );
}
