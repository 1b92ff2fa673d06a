import { GatewayError } from '../../lib/errors.js';
import { inSteps } from '../../lib/steps.js';
import { mediaTime } from '../../media/duration.js';
import { lookAt, type UploadedFile } from '../../uploads/uploaded-file.js';
import { aBoolean, anyNumber, aString, checkFields, fieldChecks } from '../field-checks.js';
import { textSize } from '../input-size.js';
import { unknownFile } from './images.js';
import type { MediaPath, MediaRequest } from './media-request.js';

/** Source: the OpenAI API reference, `CreateTranscriptionRequest` and `CreateTranslationRequest`. */
const CHECKS = fieldChecks({
  language: aString(64),
  prompt: aString(32_000),
  response_format: aString(32),
  temperature: anyNumber,
  stream: aBoolean,
});

/** What files without a readable length are taken for where nothing is held: 8 kbit/s. Silence takes next to no bytes. */
const USUAL_BYTES_PER_SECOND = 1_000;
/** A minute of sound is 1,000 tokens (platform.openai.com, pricing of `gpt-4o-transcribe`); a bound, so more. */
const AUDIO_TOKENS_PER_SECOND = 25;
/** Nobody speaks faster. */
const TEXT_TOKENS_PER_SECOND = 15;
const LEAST_TEXT_TOKENS = 200;

/** Makes a request of a form with sound. @throws {GatewayError} that names the wrong field. */
export async function parseTranscription(
  path: Extract<MediaPath, 'audio/transcriptions' | 'audio/translations'>,
  fields: Readonly<Record<string, unknown>>,
  texts: readonly (readonly [string, string])[],
  files: readonly UploadedFile[],
): Promise<MediaRequest> {
  checkFields(fields, CHECKS, '');
  const [file, second] = files;
  if (!file)
    throw new GatewayError('missing_required_parameter', { message: "The file 'file' is missing.", param: 'file' });
  for (const one of files) if (one.field !== 'file') throw unknownFile(one);
  if (second) throw new GatewayError('invalid_value', { message: "Send one 'file'.", param: 'file' });
  if (file.size === 0) throw new GatewayError('invalid_value', { message: "The file 'file' is empty.", param: 'file' });
  const known = await lookAt(file, (bytes) => inSteps(mediaTime(bytes)));
  const seconds = known ?? file.size / USUAL_BYTES_PER_SECOND;
  const prompt = typeof fields['prompt'] === 'string' ? textSize(fields['prompt']).maxTokens : 0;
  return {
    path,
    model: fields['model'] as string,
    stream: fields['stream'] === true,
    fields: texts,
    files,
    use: {
      units: { input_second: seconds },
      tokens: {
        inputTokens: prompt,
        outputTokens: Math.ceil(seconds * TEXT_TOKENS_PER_SECOND) + LEAST_TEXT_TOKENS,
        units: { input_audio_token: Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND) },
      },
      ...(known === undefined && { unsized: 'file' }),
    },
  };
}
