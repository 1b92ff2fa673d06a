import { isObject, missing, wrongType, wrongValue } from '../field-checks.js';
import { textSize } from '../input-size.js';
import type { MediaRequest } from './media-request.js';

/** Source: the OpenAI API reference, `CreateModerationRequest`: the model may be left out. */
export const DEFAULT_MODERATION_MODEL = 'omni-moderation-latest';

/** More than any known model counts for a picture, which may be an address. */
const MOST_PICTURE_TOKENS = 50_000;

/** Reads the body of `POST /moderations`. @throws {GatewayError} that names the wrong field. */
export function parseModeration(body: unknown): MediaRequest {
  if (!isObject(body)) throw wrongType('body', 'a JSON object');
  const { input, model = DEFAULT_MODERATION_MODEL } = body;
  if (typeof model !== 'string') throw wrongType('model', 'a string');
  if (model === '' || model.length > 256) throw wrongValue('model', 'it must be 1 to 256 characters');
  if (input === undefined || input === null) throw missing('input');
  if (typeof input !== 'string' && !Array.isArray(input)) throw wrongType('input', 'a string or an array');
  const { maxTokens } = textSize(typeof input === 'string' ? input : JSON.stringify(input));
  return {
    path: 'moderations',
    model,
    stream: false,
    fields: Object.entries({ ...body, model }),
    files: undefined,
    use: {
      units: undefined,
      tokens: {
        inputTokens: maxTokens,
        outputTokens: 0,
        units: { input_image_token: picturesIn(input) * MOST_PICTURE_TOKENS },
      },
    },
  };
}

function picturesIn(input: string | readonly unknown[]): number {
  return typeof input === 'string' ? 0 : input.filter((part) => isObject(part) && part['type'] !== 'text').length;
}
