/** @jsxImportSource preact */
import { type MessageId, t } from '../i18n.js';
import type { Place } from '../router.js';
import { PageHead } from '../ui/states.js';
import { AccountPage } from './account-page.js';
import { AccountsSection } from './accounts-section.js';
import { AuditSection } from './audit-section.js';
import { ExportsSection } from './exports-section.js';
import { HealthSection } from './health-section.js';
import { OperatorRequests } from './operator-requests.js';
import { OverviewSection } from './overview-section.js';
import { PromoCodesSection } from './promo-codes-section.js';
import { UsageDownload, UsageSection } from './usage-section.js';

const SECTIONS: readonly (readonly [section: string, title: MessageId])[] = [
  ['overview', 'operator.overview'],
  ['accounts', 'operator.accounts'],
  ['requests', 'nav.requests'],
  ['promo-codes', 'operator.promoCodes'],
  ['usage', 'operator.usage'],
  ['health', 'operator.health'],
  ['audit', 'audit.title'],
  ['exports', 'operator.exports'],
];

/** What only operators see. */
export function OperatorPage({ place }: { readonly place: Place }) {
  const [section = '', id] = place.path;
  const current = SECTIONS.find(([name]) => name === section)?.[0] ?? 'overview';
  return (
    <>
      <PageHead title={t('operator.title')} intro={t('operator.intro')}>
        {current === 'usage' && <UsageDownload place={place} />}
      </PageHead>
      <nav class="tabs" aria-label={t('operator.sections')}>
        {SECTIONS.map(([name, title]) => (
          <a key={name} href={`#/operator/${name}`} aria-current={name === current ? 'page' : undefined}>
            {t(title)}
          </a>
        ))}
      </nav>
      {current === 'overview' && <OverviewSection place={place} />}
      {current === 'accounts' &&
        (id ? <AccountPage key={id} id={id} place={place} /> : <AccountsSection place={place} />)}
      {current === 'requests' && <OperatorRequests place={place} />}
      {current === 'promo-codes' && <PromoCodesSection place={place} />}
      {current === 'usage' && <UsageSection place={place} />}
      {current === 'health' && <HealthSection />}
      {current === 'audit' && <AuditSection place={place} />}
      {current === 'exports' && <ExportsSection place={place} />}
    </>
  );
}
