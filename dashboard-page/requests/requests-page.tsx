/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { knownName } from '../known-name.js';
import { requestsUrl } from '../reads.js';
import { addressOf, type Place } from '../router.js';
import type { KeyNames, ModelList, RequestList } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { FilteredRequests } from './filtered-requests.js';
import { FindRequest } from './find-request.js';
import { requestFilterOf } from './request-filter.js';
import { RequestFilters } from './request-filters.js';

const REFRESH_MS = 5_000;

/** The account's requests: search by id, filter, open one. */
export function RequestsPage({ place }: { readonly place: Place }) {
  const keys = useResource<KeyNames>(apiUrl('keys/names'));
  const models = useResource<ModelList>(apiUrl('models'));
  const requests = useResource<RequestList>(
    requestsUrl('requests', place),
    place.query.has('before') ? undefined : REFRESH_MS,
  );
  return (
    <>
      <PageHead title={t('nav.requests')} intro={t('requests.intro')}>
        <DownloadLink href={apiUrl('requests.csv', requestFilterOf(place.query))} />
      </PageHead>
      <div class="toolbar">
        <FindRequest pageOf={(id) => addressOf(['requests', id])} />
        <RequestFilters
          place={place}
          models={models.data?.data.map(({ id }) => id) ?? []}
          keys={keys.data?.data ?? []}
          moreKeys={keys.data?.more}
        />
      </div>
      <section class="card card-table">
        <Loaded resource={requests} rows={10}>
          {({ data, names }) => (
            <FilteredRequests
              place={place}
              requests={data}
              addressOf={(id) => addressOf(['requests', id])}
              keyName={(id) => knownName(names, id)}
            />
          )}
        </Loaded>
      </section>
    </>
  );
}
