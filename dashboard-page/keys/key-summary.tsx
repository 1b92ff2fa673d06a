/** @jsxImportSource preact */
import { count } from '../format.js';
import { t } from '../i18n.js';
import { addressOf } from '../router.js';
import type { Key } from '../shapes.js';
import { isUnused } from './key-order.js';

const SOON_MS = 14 * 86_400_000;

/** How many keys there are, and whether any asks for a look: unused for long, or about to end. */
export function KeySummary({ keys, now }: { readonly keys: readonly Key[]; readonly now: number }) {
  const ends = ({ expiresAt }: Key) => (expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt));
  const live = keys.filter((key) => !key.revokedAt && ends(key) > now);
  const unused = live.filter((key) => isUnused(key, now)).length;
  const ending = live.filter((key) => ends(key) - now < SOON_MS).length;
  return (
    <p class="key-summary muted">
      {t('keys.liveCount', { n: count(live.length) })}
      {unused > 0 && (
        <>
          {' · '}
          <a href={addressOf(['keys'], { state: 'unused' })}>{t('keys.unusedCount', { n: count(unused) })}</a>
        </>
      )}
      {ending > 0 && ` · ${t('keys.endingCount', { n: count(ending) })}`}
    </p>
  );
}
