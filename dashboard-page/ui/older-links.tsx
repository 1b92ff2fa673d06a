/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { addressOf, type Place } from '../router.js';

interface OlderLinksProps {
  readonly place: Place;
  /** The id of the last row; undefined where no older ones follow. */
  readonly last: string | undefined;
}

/** From a page of a list to the next, and to the first. Each has an address of its own, so that Back leads to this one. */
export function OlderLinks({ place: { page, path, query }, last }: OlderLinksProps) {
  const kept = Object.fromEntries(query);
  const paged = kept['before'] !== undefined;
  if (!paged && last === undefined) return null;
  const at = (before: string | undefined) => addressOf([page, ...path], { ...kept, before });
  return (
    <div class="table-foot">
      {paged && (
        <a class="button" href={at(undefined)}>
          {t('paging.newest')}
        </a>
      )}
      {last !== undefined && (
        <a class="button" href={at(last)}>
          {t('paging.older')}
        </a>
      )}
    </div>
  );
}
