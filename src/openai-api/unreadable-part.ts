import { GatewayError } from '../lib/errors.js';

/** What parts hold, in words that fit any client API. */
const WORDS: Readonly<Record<string, string>> = {
  image_url: 'images',
  file: 'files',
  input_audio: 'sound',
  video_url: 'videos',
};

/** The error for a part that the model's provider has no form for. @param path of the part. */
export function unreadablePart(type: unknown, path: string): GatewayError {
  const name = typeof type === 'string' ? type : '';
  const what = Object.hasOwn(WORDS, name) ? WORDS[name] : `parts of type '${name.slice(0, 40)}'`;
  return new GatewayError('unsupported_value', {
    param: `${path}.type`,
    message: `The model does not read ${what} here.`,
  });
}
