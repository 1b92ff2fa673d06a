/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { knownName } from '../known-name.js';
import { requestsUrl } from '../reads.js';
import { FilteredRequests } from '../requests/filtered-requests.js';
import { FindRequest } from '../requests/find-request.js';
import { requestFilterOf } from '../requests/request-filter.js';
import { RequestFilters } from '../requests/request-filters.js';
import { RequestPage } from '../requests/request-page.js';
import { addressOf, type Place } from '../router.js';
import type { ModelNames, OperatorRequestList } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { Loaded } from '../ui/states.js';
import { useResource } from '../use-resource.js';

const REFRESH_MS = 5_000;
const pageOf = (id: string) => addressOf(['operator', 'requests', id]);

/** Requests of all accounts, or of the one in the address; or one of them in full. */
export function OperatorRequests({ place }: { readonly place: Place }) {
  const [, id] = place.path;
  return id ? <RequestPage key={id} id={id} operator /> : <List place={place} />;
}

function List({ place }: { readonly place: Place }) {
  const requests = useResource<OperatorRequestList>(
    requestsUrl('operator/requests', place),
    place.query.has('before') ? undefined : REFRESH_MS,
  );
  const models = useResource<ModelNames>(apiUrl('operator/models'));
  const chosen = place.query.get('model');
  const known = models.data?.data.map(({ id }) => id) ?? [];
  return (
    <>
      <div class="toolbar">
        <FindRequest pageOf={pageOf} />
        <RequestFilters
          place={place}
          models={chosen && !known.includes(chosen) ? [...known, chosen] : known}
          keys={[]}
        />
        <DownloadLink href={apiUrl('operator/requests.csv', requestFilterOf(place.query))} />
      </div>
      <section class="card card-table">
        <Loaded resource={requests} rows={10}>
          {({ data, names }) => (
            <FilteredRequests
              place={place}
              requests={data}
              addressOf={pageOf}
              accountName={(account) => knownName(names, account)}
            />
          )}
        </Loaded>
      </section>
    </>
  );
}
