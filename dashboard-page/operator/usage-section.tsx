/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { addressOf } from '../router.js';
import { Segmented } from '../ui/controls.js';
import { DownloadLink } from '../ui/download-link.js';
import { initialRange, readRange } from '../usage/range.js';
import { RangePicker } from '../usage/range-picker.js';
import { UsageReport } from '../usage/usage-report.js';

/** Usage over all accounts. */
export function UsageSection() {
  const [draft, setDraft] = useState(() => initialRange(Date.now()));
  const [group, setGroup] = useState<'account' | 'model'>('account');
  const range = readRange(draft, Date.now());
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
        <DownloadLink href={apiUrl('operator/usage.csv', { from: range.from, to: range.to })} />
      </div>
      <UsageReport
        path="operator/usage/report"
        range={range}
        group={group}
        groupTitle={group === 'account' ? t('usage.account') : t('usage.model')}
        nameOf={(id, names) => names[id] ?? id}
        pageOf={group === 'account' ? (id) => addressOf(['operator', 'accounts', id]) : undefined}
      />
    </>
  );
}
