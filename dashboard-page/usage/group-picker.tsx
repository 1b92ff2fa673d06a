/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { choose, type Place } from '../router.js';
import type { TagNames } from '../shapes.js';
import { Segmented } from '../ui/controls.js';
import { Select } from '../ui/select.js';
import { useResource } from '../use-resource.js';

const GROUPS = {
  model: ['usage.byModel', 'usage.model'],
  key: ['usage.byKey', 'usage.key'],
  account: ['usage.byAccount', 'usage.account'],
  endUser: ['usage.byEndUser', 'usage.endUser'],
  tag: ['usage.byTag', 'usage.tag'],
} as const;
type Group = keyof typeof GROUPS;

interface GroupPickerProps {
  readonly place: Place;
  readonly groups: readonly Group[];
  /** What an address calls it: `model`, `endUser` or `tag:team`. */
  readonly value: string;
  /** Of the tags that there are to choose from. */
  readonly tagsUrl?: string;
}

/** What a usage report is split by; what is chosen stands in the address. */
export function GroupPicker({ place, groups, value, tagsUrl = apiUrl('operator/usage/tags') }: GroupPickerProps) {
  const isTag = value.startsWith('tag:');
  return (
    <>
      <Segmented
        label={t('usage.groupBy')}
        value={isTag ? 'tag' : (groups.find((group) => group === value) ?? 'model')}
        options={groups.map((group) => [group, t(GROUPS[group][0])] as const)}
        onChange={(group) => choose(place, { by: group === 'tag' ? 'tag:' : group })}
      />
      {isTag && <TagPicker place={place} name={value.slice('tag:'.length)} url={tagsUrl} />}
    </>
  );
}

function TagPicker({ place, name, url }: { readonly place: Place; readonly name: string; readonly url: string }) {
  const { data } = useResource<TagNames>(url);
  return (
    <Select
      label={t('usage.tag')}
      value={name}
      options={[['', t('usage.chooseTag')], ...(data?.data ?? []).map((tag) => [tag, tag] as const)]}
      onChange={(tag) => choose(place, { by: `tag:${tag}` })}
    />
  );
}

/** The heading of a report's first column: `Model`, or the name of a tag. */
export function groupTitle(group: string): string {
  if (group.startsWith('tag:')) return group.slice('tag:'.length);
  return t(GROUPS[group as Group]?.[1] ?? 'usage.model');
}
