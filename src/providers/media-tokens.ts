import { type Usage, unitsOf } from '../lib/usage.js';

/** Tokens of sound and pictures in a report that counts them among the others. */
export interface MediaTokens {
  /** None of them read from a cache. */
  readonly inputAudio: number;
  readonly inputImage: number;
  readonly outputAudio: number;
  readonly outputImage: number;
}

/** Takes the tokens of media out of the buckets for text: they may have prices of their own. The totals stay. */
export function splitMedia(usage: Usage, media: MediaTokens): Usage {
  const inputAudio = Math.min(media.inputAudio, usage.inputTokens);
  const inputImage = Math.min(media.inputImage, usage.inputTokens - inputAudio);
  const outputAudio = Math.min(media.outputAudio, usage.outputTokens);
  const outputImage = Math.min(media.outputImage, usage.outputTokens - outputAudio);
  return {
    ...usage,
    inputTokens: usage.inputTokens - inputAudio - inputImage,
    outputTokens: usage.outputTokens - outputAudio - outputImage,
    ...unitsOf({
      ...usage.units,
      input_audio_token: inputAudio,
      input_image_token: inputImage,
      output_audio_token: outputAudio,
      output_image_token: outputImage,
    }),
  };
}
