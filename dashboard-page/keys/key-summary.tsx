/** @jsxImportSource preact */
import { count } from '../format.js';
import { t } from '../i18n.js';
import { addressOf } from '../router.js';
import type { KeyList } from '../shapes.js';

/** How many keys there are, and whether any asks for a look: unused for long, or about to end. */
export function KeySummary({ counts: { live, unused, ending } }: Pick<KeyList, 'counts'>) {
  return (
    <p class="key-summary muted">
      {t('keys.liveCount', { n: count(live) })}
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
