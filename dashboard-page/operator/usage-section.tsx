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

/** The usage of the range that is shown, as a file. */
export function UsageDownload({ place }: { readonly place: Place }) {
  const { from, to } = rangeOf(place.query, now());
  return <DownloadLink href={apiUrl('operator/usage.csv', { from, to })} />;
}

/** Usage over all accounts. */
export function UsageSection({ place }: { readonly place: Place }) {
  const group = place.query.get('by') ?? 'account';
  return (
    <>
      <div class="toolbar">
        <RangePicker place={place} />
        <GroupPicker place={place} groups={['account', 'model', 'endUser', 'tag']} value={group} />
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
