import type { Facts } from './facts.js';

/** Days on which models came out, by ids without what resellers add. */
export type ReleaseDays = ReadonlyMap<string, string>;

/** Models that neither list dates. Source: `created` in OpenAI's own list of models. */
const KNOWN: Readonly<Record<string, string>> = {
  'whisper-1': '2023-02-27',
  'tts-1': '2023-04-19',
  'tts-1-hd': '2023-11-03',
  'tts-1-1106': '2023-11-03',
  'tts-1-hd-1106': '2023-11-03',
  'omni-moderation-latest': '2024-11-15',
  'gpt-4o-transcribe': '2025-03-15',
  'gpt-4o-mini-transcribe': '2025-03-15',
};

/** Every day that the facts know: of the list of models, and in the ids of dated snapshots. */
export function releaseDays({ models, prices }: Facts): ReleaseDays {
  const days = new Map<string, string>();
  const note = (id: string, day: string) => {
    const known = days.get(plainId(id));
    if (known === undefined || day < known) days.set(plainId(id), day);
  };
  for (const [id, day] of Object.entries(KNOWN)) note(id, day);
  for (const section of Object.values(models)) {
    for (const [id, { release_date }] of Object.entries(section)) note(id, release_date);
  }
  for (const section of Object.values(prices)) {
    for (const id of Object.keys(section)) {
      const day = dayIn(id);
      if (day !== undefined) note(id, day);
    }
  }
  return days;
}

/** The Unix time of the day a model came out: its own, else that of the model without its date; undefined: not known. */
export function releasedAt(id: string, days: ReleaseDays): number | undefined {
  const day = dayIn(id) ?? days.get(plainId(id));
  return day === undefined ? undefined : Date.parse(day) / 1_000;
}

/** The day in the id of a snapshot. */
export const DATED = /[-@](20\d\d)-?(\d\d)-?(\d\d)(?!\d)/;

function dayIn(id: string): string | undefined {
  const [, year, month, day] = DATED.exec(id) ?? [];
  const text = `${year}-${month}-${day}`;
  return Number.isNaN(Date.parse(text)) ? undefined : text;
}

/** `eu.anthropic.claude-opus-4-5-20251101-v1:0` is `claude-opus-4-5`. */
function plainId(id: string): string {
  return id
    .replace(/^.*\//, '')
    .replace(/^(?:(?:us|eu|global|au|jp)\.)?(?:[a-z]+\.)?/, '')
    .replace(/-v\d(?::\d)?$|@default$/, '')
    .replace(DATED, '');
}
