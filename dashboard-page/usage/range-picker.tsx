/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { Segmented } from '../ui/controls.js';
import type { RangeChoice, RangeDraft } from './range.js';

const CHOICES: readonly RangeChoice[] = ['day', 'week', 'month', 'quarter', 'custom'];

interface RangePickerProps {
  readonly value: RangeDraft;
  readonly onChange: (value: RangeDraft) => void;
}

/** The usual spans, or two dates. */
export function RangePicker({ value, onChange }: RangePickerProps) {
  return (
    <div class="range">
      <Segmented
        label={t('usage.range')}
        value={value.choice}
        options={CHOICES.map((choice) => [choice, t(`usage.range.${choice}`)] as const)}
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
