/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { FilteredRequests, filterOf } from '../requests/filtered-requests.js';
import { FindRequest } from '../requests/find-request.js';
import { RequestFilters } from '../requests/request-filters.js';
import { RequestPage } from '../requests/request-page.js';
import { addressOf, type Place } from '../router.js';
import type { OperatorRequestList } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { Loaded } from '../ui/states.js';
import { useResource } from '../use-resource.js';

const pageOf = (id: string) => addressOf(['operator', 'requests', id]);

/** Requests of all accounts, or of the one in the address; or one of them in full. */
export function OperatorRequests({ place }: { readonly place: Place }) {
  const [, id] = place.path;
  return id ? (
    <RequestPage key={id} id={id} path="operator/requests" list="#/operator/requests" />
  ) : (
    <List place={place} />
  );
}

function List({ place }: { readonly place: Place }) {
  const filter = filterOf(place);
  const before = place.query.get('before') ?? undefined;
  const requests = useResource<OperatorRequestList>(
    apiUrl('operator/requests', { ...filter, before }),
    before ? undefined : 5_000,
  );
  return (
    <>
      <div class="toolbar">
        <FindRequest pageOf={pageOf} />
        <RequestFilters place={place} models={[]} keys={[]} />
        <DownloadLink href={apiUrl('operator/requests.csv', filter)} />
      </div>
      <section class="card card-table">
        <Loaded resource={requests} rows={10}>
          {({ data, names }) => (
            <FilteredRequests
              place={place}
              requests={data}
              addressOf={pageOf}
              keyName={(key) => key}
              accountName={(account) => names[account] ?? account}
            />
          )}
        </Loaded>
      </section>
    </>
  );
}
