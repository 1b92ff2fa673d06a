/** @jsxImportSource preact */
import { now } from '../clock.js';
import { t } from '../i18n.js';
import { choose, type Place } from '../router.js';
import { Segmented } from '../ui/controls.js';
import { RANGE_CHOICES, rangeDraftOf, rangeQueryOf } from './range.js';

/** The usual spans, or two dates; what is chosen stands in the address. */
export function RangePicker({ place }: { readonly place: Place }) {
  const value = rangeDraftOf(place.query, now());
  const onChange = (next: typeof value) => choose(place, rangeQueryOf(next));
  return (
    <div class="range">
      <Segmented
        label={t('usage.range')}
        value={value.choice}
        options={RANGE_CHOICES.map((choice) => [choice, t(`usage.range.${choice}`)] as const)}
        onChange={(choice) => onChange({ ...value, choice })}
      />
      {value.choice === 'custom' && (
        <span class="range-dates">
          <input
            class="input"
            type="date"
            aria-label={t('usage.from')}
            value={value.first}
            max={value.last}
            onChange={(event) => onChange({ ...value, first: event.currentTarget.value })}
          />
          <span aria-hidden="true">–</span>
          <input
            class="input"
            type="date"
            aria-label={t('usage.to')}
            value={value.last}
            min={value.first}
            onChange={(event) => onChange({ ...value, last: event.currentTarget.value })}
          />
        </span>
      )}
    </div>
  );
}
