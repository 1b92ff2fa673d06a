import { GatewayError } from '../../lib/errors.js';
import { type ImageSize, imageSize } from '../../media/image-size.js';
import { lookAt, type UploadedFile } from '../../uploads/uploaded-file.js';
import { aBoolean, anInteger, aString, bodyFields, checkFields, fieldChecks, required, word } from '../field-checks.js';
import { textSize } from '../input-size.js';
import type { MediaRequest, MediaUse } from './media-request.js';

const MAX_IMAGES = 10;
const MAX_PROMPT = 32_000;

/** Source: the OpenAI API reference, `CreateImageRequest` and `CreateImageEditRequest`. */
const CHECKS = fieldChecks({
  prompt: aString(MAX_PROMPT),
  n: anInteger(1, MAX_IMAGES),
  size: aString(32),
  quality: aString(32),
  response_format: word,
  stream: aBoolean,
  partial_images: anInteger(0, 100),
  user: aString(1_024),
});

/**
 * The most output tokens of an image. Source: platform.openai.com, image generation guide, "Cost and latency": 6,240
 * tokens for the largest size at high quality; each partial image adds 100.
 */
export const MAX_IMAGE_TOKENS = 6_240;
const PARTIAL_IMAGE_TOKENS = 100;
/** Input tokens of an image at high fidelity. Source: as above, "Input fidelity". */
const LEAST_INPUT_IMAGE_TOKENS = 6_240;
/** Tokens of a tile of Gemini's. Source: ai.google.dev, "Image understanding". */
const TILE_TOKENS = 258;

/** Reads the body of `POST /images/generations`. @throws {GatewayError} that names the wrong field. */
export function parseImageGeneration(body: unknown): MediaRequest {
  const fields = bodyFields(body);
  required(fields, 'prompt', aString(MAX_PROMPT), '');
  checkFields(fields, CHECKS, '');
  return {
    path: 'images/generations',
    model: fields['model'] as string,
    stream: fields['stream'] === true,
    fields: Object.entries(fields),
    files: undefined,
    use: imageUse(fields, 0),
  };
}

/** Makes a request of the form of `POST /images/edits`. @throws {GatewayError} that names the wrong field. */
export async function parseImageEdit(
  fields: Readonly<Record<string, unknown>>,
  texts: readonly (readonly [string, string])[],
  files: readonly UploadedFile[],
): Promise<MediaRequest> {
  required(fields, 'prompt', aString(MAX_PROMPT), '');
  checkFields(fields, CHECKS, '');
  const pictures = files.filter(({ field }) => field === 'image' || field === 'image[]');
  if (pictures.length === 0)
    throw new GatewayError('missing_required_parameter', { message: "The file 'image' is missing.", param: 'image' });
  let pictureTokens = 0;
  for (const file of files) {
    if (!['image', 'image[]', 'mask'].includes(file.field)) throw unknownFile(file);
    const size = await lookAt(file, imageSize);
    if (size === undefined)
      throw new GatewayError('invalid_value', {
        message: `The file '${file.field}' is not a PNG, JPEG, GIF or WEBP image.`,
        param: file.field,
      });
    pictureTokens += Math.max(LEAST_INPUT_IMAGE_TOKENS, tilesOf(size) * TILE_TOKENS);
  }
  return {
    path: 'images/edits',
    model: fields['model'] as string,
    stream: fields['stream'] === true,
    fields: texts,
    files,
    use: imageUse(fields, pictureTokens),
  };
}

/** The error for a file in a field that takes none. */
export function unknownFile({ field }: UploadedFile): GatewayError {
  return new GatewayError('unsupported_parameter', { message: `The field '${field}' takes no file.`, param: field });
}

function tilesOf({ width, height }: ImageSize): number {
  const side = Math.min(768, Math.max(256, Math.floor(Math.min(width, height) / 1.5)));
  return Math.ceil(width / side) * Math.ceil(height / side);
}

/** A part of a unit's name; a colon in it would select another price. */
function partOfName(value: unknown): string {
  return String(value ?? 'auto').replaceAll(':', '/');
}

function imageUse(fields: Readonly<Record<string, unknown>>, pictureTokens: number): MediaUse {
  const count = typeof fields['n'] === 'number' ? fields['n'] : 1;
  const partial = typeof fields['partial_images'] === 'number' ? fields['partial_images'] : 0;
  const name = ['image', partOfName(fields['size']), partOfName(fields['quality'])].join(':');
  return {
    units: { [name]: count },
    tokens: {
      // Where each picture is a request of its own, each reads everything.
      inputTokens: count * textSize(String(fields['prompt'])).maxTokens,
      outputTokens: 0,
      units: {
        output_image_token: count * (MAX_IMAGE_TOKENS + partial * PARTIAL_IMAGE_TOKENS),
        ...(pictureTokens > 0 && { input_image_token: count * pictureTokens }),
      },
    },
  };
}
