/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { knownName } from '../known-name.js';
import { changesUrl } from '../reads.js';
import { addressOf, type Place } from '../router.js';
import type { ChangeList } from '../shapes.js';
import { DownloadLink } from '../ui/download-link.js';
import { OlderLinks } from '../ui/older-links.js';
import { Empty, Loaded } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { ChangeTable } from './change-table.js';

const PAGE_SIZE = 50;
const HERE = ['operator', 'audit'];

/** What operators did, to all accounts or to the one in the address. */
export function AuditSection({ place }: { readonly place: Place }) {
  const changes = useResource<ChangeList>(changesUrl(place));
  const accountId = place.query.get('accountId') ?? undefined;
  return (
    <>
      <div class="toolbar toolbar-end">
        {accountId !== undefined && (
          <a class="button" href={addressOf(HERE)}>
            {t('audit.clear')}
          </a>
        )}
        <DownloadLink href={apiUrl('operator/changes.csv', { accountId })} />
      </div>
      <section class="card card-table">
        <Loaded resource={changes} rows={10}>
          {(list) => <Page list={list} place={place} />}
        </Loaded>
      </section>
    </>
  );
}

interface PageProps {
  readonly list: ChangeList;
  readonly place: Place;
}

function Page({ list: { data, names }, place }: PageProps) {
  if (data === null) return <Empty title={t('audit.off')} hint={t('audit.offHint')} />;
  if (data.length === 0) return <Empty title={t('audit.none')} hint={t('audit.noneHint')} />;
  return (
    <>
      <ChangeTable changes={data} accountName={(id) => knownName(names, id)} />
      <OlderLinks place={place} last={data.length === PAGE_SIZE ? data.at(-1)?.id : undefined} />
    </>
  );
}
