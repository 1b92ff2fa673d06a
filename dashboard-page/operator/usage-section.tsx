/** @jsxImportSource preact */

import { apiUrl } from '../client.js';
import { now } from '../clock.js';
import { knownName } from '../known-name.js';
import { addressOf, type Place } from '../router.js';
import { DownloadLink } from '../ui/download-link.js';
import { GroupPicker, groupTitle } from '../usage/group-picker.js';
import { rangeOf } from '../usage/range.js';
import { RangePicker } from '../usage/range-picker.js';
import { UsageReport } from '../usage/usage-report.js';

/** Usage over all accounts. */
export function UsageSection({ place }: { readonly place: Place }) {
  const group = place.query.get('by') ?? 'account';
  const range = rangeOf(place.query, now());
  return (
    <>
      <div class="toolbar">
        <RangePicker place={place} />
        <GroupPicker place={place} groups={['account', 'model', 'endUser', 'tag']} value={group} />
        <DownloadLink href={apiUrl('operator/usage.csv', { from: range.from, to: range.to })} />
      </div>
      <UsageReport
        scope="operator"
        place={place}
        group={group}
        groupTitle={groupTitle(group)}
        nameOf={(id, names) => knownName(names, id)}
        pageOf={group === 'account' ? (id) => addressOf(['operator', 'accounts', id]) : undefined}
      />
    </>
  );
}
