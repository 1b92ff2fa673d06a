/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../i18n.js';
import { Segmented } from '../ui/controls.js';
import { initialRange, readRange } from '../usage/range.js';
import { RangePicker } from '../usage/range-picker.js';
import { UsageReport } from '../usage/usage-report.js';

/** Usage over all accounts. */
export function UsageSection() {
  const [draft, setDraft] = useState(() => initialRange(Date.now()));
  const [group, setGroup] = useState<'account' | 'model'>('account');
  return (
    <>
      <div class="toolbar">
        <RangePicker value={draft} onChange={setDraft} />
        <Segmented
          label={t('usage.groupBy')}
          value={group}
          options={[
            ['account', t('usage.byAccount')],
            ['model', t('usage.byModel')],
          ]}
          onChange={setGroup}
        />
      </div>
      <UsageReport
        path="operator/usage/report"
        range={readRange(draft, Date.now())}
        group={group}
        groupTitle={group === 'account' ? t('usage.account') : t('usage.model')}
        nameOf={(id) => id}
      />
    </>
  );
}
