import type { MediaPath } from '../../openai-api/media/media-request.js';
import { type AllowedFields, checkValue } from '../allowed-fields.js';
import type { EndpointFields } from '../endpoint-fields.js';
import { refuseUncounted } from './uncounted-fields.js';

const COMMON: AllowedFields = { model: 'value', user: 'value', response_format: 'value' };
const PICTURE: AllowedFields = {
  ...COMMON,
  prompt: 'value',
  n: 'value',
  size: 'value',
  quality: 'value',
  style: 'value',
  background: 'value',
  moderation: 'value',
  output_format: 'value',
  output_compression: 'value',
  stream: 'value',
  partial_images: 'value',
  seed: 'value',
  negative_prompt: 'value',
};
const HEARD: AllowedFields = {
  ...COMMON,
  language: 'value',
  prompt: 'value',
  temperature: 'value',
  stream: 'value',
  chunking_strategy: 'json',
  'timestamp_granularities[]': 'value',
  'include[]': 'value',
};

/**
 * Fields that a server which copies OpenAI's API is sent, by route. Others could ask for more pictures or for larger ones than
 * were paid for. Source: the OpenAI API reference, images, audio and moderations.
 */
const FIELDS: Readonly<Record<MediaPath, AllowedFields>> = {
  'images/generations': PICTURE,
  'images/edits': { ...PICTURE, input_fidelity: 'value' },
  'audio/speech': {
    ...COMMON,
    input: 'value',
    voice: { id: 'value' },
    instructions: 'value',
    speed: 'value',
    stream_format: 'value',
  },
  'audio/transcriptions': HEARD,
  'audio/translations': HEARD,
  moderations: { ...COMMON, input: 'json' },
};

type NamedValue = readonly [name: string, value: unknown];

/** The fields of a media request that are sent. */
export interface SentFields {
  readonly fields: readonly NamedValue[];
  /** Names of those that were dropped. */
  readonly dropped: readonly string[];
}

/**
 * The fields of a media request that may be sent.
 *
 * @param known what else the server may be sent; undefined: OpenAI itself, which refuses what it does not know.
 * @throws {GatewayError} `unsupported_parameter` for what is refused by its name.
 */
export function sentFields(
  path: MediaPath,
  fields: readonly NamedValue[],
  known: EndpointFields | undefined,
): SentFields {
  refuseUncounted(Object.fromEntries(fields));
  if (!known || known.everything) return { fields, dropped: [] };
  const allowed: AllowedFields = { ...known.options, ...FIELDS[path] };
  const kept = fields.filter(([name]) => Object.hasOwn(allowed, name));
  for (const [name, value] of kept) checkValue(value, allowed[name] ?? 'value', name);
  const dropped = fields.map(([name]) => name).filter((name) => !Object.hasOwn(allowed, name));
  return { fields: kept, dropped };
}
