/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { addressOf, type Place } from '../router.js';
import type { RequestList } from '../shapes.js';
import { OlderLinks } from '../ui/older-links.js';
import { Empty } from '../ui/states.js';
import { RequestTable } from './request-table.js';

const PAGE_SIZE = 50;

interface FilteredRequestsProps {
  readonly place: Place;
  readonly requests: RequestList['data'];
  readonly addressOf: (id: string) => string;
  readonly keyName?: (id: string) => string;
  readonly accountName?: (id: string) => string;
}

/** A page of requests. */
export function FilteredRequests({ place, requests, ...table }: FilteredRequestsProps) {
  if (requests === null) return <Empty title={t('requests.off')} hint={t('requests.offHint')} />;
  const filtered = [...place.query.keys()].length > 0;
  if (requests.length === 0)
    return filtered ? (
      <Empty title={t('requests.noneFound')} hint={t('requests.noneFoundHint')}>
        <a class="button" href={addressOf([place.page, ...place.path])}>
          {t('requests.clear')}
        </a>
      </Empty>
    ) : (
      <Empty title={t('requests.none')} hint={t('requests.noneHint')}>
        <a class="button button-primary" href="#/quickstart">
          {t('nav.quickstart')}
        </a>
      </Empty>
    );
  return (
    <>
      <RequestTable requests={requests} {...table} />
      <OlderLinks place={place} last={requests.length === PAGE_SIZE ? requests.at(-1)?.id : undefined} />
    </>
  );
}
