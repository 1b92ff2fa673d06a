import type { ExtraContent } from '../../openai-api/chat-request.js';
import type { Part } from './api.js';
import { signatureContent, signatureIn } from './thought-signature.js';

/**
 * A picture the model made: the extension `message.images`, in the shape that OpenRouter introduced. The whole list
 * comes in one delta.
 */
export interface AnswerImage {
  type: 'image_url';
  index: number;
  /** A data URL. */
  image_url: { url: string };
  extra_content?: ExtraContent;
}

/** The picture in a part of an answer, when it holds one. */
export function toAnswerImage(part: Part, index: number): AnswerImage | undefined {
  if (!part.inlineData) return undefined;
  const { mimeType, data } = part.inlineData;
  if (typeof mimeType !== 'string' || typeof data !== 'string' || !mimeType.startsWith('image/')) return undefined;
  return {
    type: 'image_url',
    index,
    image_url: { url: `data:${mimeType};base64,${data}` },
    ...(typeof part.thoughtSignature === 'string' && { extra_content: signatureContent(part.thoughtSignature) }),
  };
}

/** The pictures of an earlier answer that the client sends back. */
export function imageParts(message: object): Part[] {
  const images: unknown = 'images' in message ? message.images : undefined;
  if (!Array.isArray(images)) return [];
  return images.flatMap((image: Partial<AnswerImage> | null) => {
    const [, mimeType, data] = /^data:([\w/+.-]+);base64,(.+)$/s.exec(image?.image_url?.url ?? '') ?? [];
    if (mimeType === undefined || data === undefined) return [];
    const signature = signatureIn(image?.extra_content);
    return [{ inlineData: { mimeType, data }, ...(signature !== undefined && { thoughtSignature: signature }) }];
  });
}
