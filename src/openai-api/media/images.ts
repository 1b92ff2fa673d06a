import { GatewayError } from '../../lib/errors.js';
import { imageSize } from '../../media/image-size.js';
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
/** Input tokens of an image at high fidelity, for each 32 by 32 pixels, and at most. Source: as above, "Input fidelity". */
const MAX_INPUT_IMAGE_TOKENS = 6_240;

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
  for (const file of files) {
    if (!['image', 'image[]', 'mask'].includes(file.field)) throw unknownFile(file);
    if ((await lookAt(file, imageSize)) === undefined)
      throw new GatewayError('invalid_value', {
        message: `The file '${file.field}' is not a PNG, JPEG, GIF or WEBP image.`,
        param: file.field,
      });
  }
  return {
    path: 'images/edits',
    model: fields['model'] as string,
    stream: fields['stream'] === true,
    fields: texts,
    files,
    use: imageUse(fields, files.length),
  };
}

/** A file in a field that takes no file. */
export function unknownFile({ field }: UploadedFile): GatewayError {
  return new GatewayError('unsupported_parameter', { message: `The field '${field}' takes no file.`, param: field });
}

function imageUse(fields: Readonly<Record<string, unknown>>, pictures: number): MediaUse {
  const count = typeof fields['n'] === 'number' ? fields['n'] : 1;
  const partial = typeof fields['partial_images'] === 'number' ? fields['partial_images'] : 0;
  const name = ['image', fields['size'] ?? 'auto', fields['quality'] ?? 'auto'].join(':');
  return {
    units: { [name]: count },
    tokens: {
      inputTokens: textSize(String(fields['prompt'])).maxTokens,
      outputTokens: 0,
      units: {
        output_image_token: count * (MAX_IMAGE_TOKENS + partial * PARTIAL_IMAGE_TOKENS),
        ...(pictures > 0 && { input_image_token: pictures * MAX_INPUT_IMAGE_TOKENS }),
      },
    },
  };
}
