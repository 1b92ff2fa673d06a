import { GatewayError } from '../../lib/errors.js';
import type { ContentPart } from '../../openai-api/chat-request.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { Part } from './api.js';
import { toAudioPart, toFilePart, toImagePart } from './to-media.js';

/**
 * The content of any message as native parts.
 *
 * @param path of the content, for errors.
 * @throws {GatewayError} for a part that has no native form.
 */
export function toParts(content: string | ContentPart[], path: string, unsupported: UnsupportedParams): Part[] {
  if (typeof content === 'string') return [{ text: content }];
  return content.map((part, index) => toPart(part, `${path}[${index}]`, unsupported));
}

/** The error for a part that does not fit where it stands. */
export function unknownPart(param: string): GatewayError {
  return new GatewayError('unsupported_value', { param, message: 'The content part is not supported here.' });
}

function toPart(part: ContentPart, path: string, unsupported: UnsupportedParams): Part {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'refusal':
      return { text: part.refusal };
    case 'image_url':
      if (part.image_url.detail === 'low' || part.image_url.detail === 'high') {
        unsupported.drop('image_url.detail', `${path}.image_url.detail`);
      }
      return toImagePart(part, path);
    case 'input_audio':
      return toAudioPart(part, path);
    case 'file':
      return toFilePart(part, path);
    default:
      throw unknownPart(`${path}.type`);
  }
}
