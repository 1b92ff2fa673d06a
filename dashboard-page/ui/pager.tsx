/** @jsxImportSource preact */
import { count } from '../format.js';
import { t } from '../i18n.js';

interface PagerProps {
  /** From 0. */
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly onChange: (page: number) => void;
}

/** `51–100 of 1,000`, and the ways forward and back. */
export function Pager({ page, size, total, onChange }: PagerProps) {
  if (total <= size) return null;
  const values = { from: count(page * size + 1), to: count(Math.min(total, (page + 1) * size)), all: count(total) };
  return (
    <nav class="table-foot pager" aria-label={t('paging.label')}>
      <button type="button" class="button" disabled={page === 0} onClick={() => onChange(page - 1)}>
        {t('paging.back')}
      </button>
      <span class="muted" aria-live="polite">
        {t('paging.range', values)}
      </span>
      <button type="button" class="button" disabled={(page + 1) * size >= total} onClick={() => onChange(page + 1)}>
        {t('paging.forward')}
      </button>
    </nav>
  );
}
