/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { addressOf, type Place } from '../router.js';

interface OlderLinksProps {
  readonly place: Place;
  /** The id of the last row; undefined where none follow. */
  readonly last: string | undefined;
  /** By what the address names a page: lists of what happened begin with the newest, others with the first. @default 'before' */
  readonly by?: 'before' | 'after';
}

const TEXTS = {
  before: { first: 'paging.newest', next: 'paging.older' },
  after: { first: 'paging.first', next: 'action.next' },
} as const;

/** From a page of a list to the next, and to the first. Each has an address of its own, so that Back leads to this one. */
export function OlderLinks({ place: { page, path, query }, last, by = 'before' }: OlderLinksProps) {
  const kept = Object.fromEntries(query);
  const paged = kept[by] !== undefined;
  if (!paged && last === undefined) return null;
  const at = (id: string | undefined) => addressOf([page, ...path], { ...kept, [by]: id });
  return (
    <div class="table-foot">
      {paged && (
        <a class="button" href={at(undefined)}>
          {t(TEXTS[by].first)}
        </a>
      )}
      {last !== undefined && (
        <a class="button" href={at(last)}>
          {t(TEXTS[by].next)}
        </a>
      )}
    </div>
  );
}
