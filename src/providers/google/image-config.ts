import { GatewayError } from '../../lib/errors.js';
import type { UnsupportedParams } from '../unsupported-params.js';

/** The aspect ratios that there are. Source: ai.google.dev, "Image generation with Gemini", aspect ratios. */
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;

/** The sizes by their longer side. Source: as above; models before Gemini 3 make one size. */
const SIZES = [
  ['1K', 2_000],
  ['2K', 4_000],
  ['4K', Number.POSITIVE_INFINITY],
] as const;

/**
 * OpenAI's `size` as the nearest aspect ratio, and the size class of the longer side where the model has them.
 *
 * @throws {GatewayError} `invalid_value` for what is neither `auto` nor two numbers.
 */
export function imageConfig(size: unknown, model: string, unsupported: UnsupportedParams): object | undefined {
  if (size === undefined || size === null || size === 'auto') return undefined;
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(String(size)) ?? [];
  if (width === undefined || height === undefined)
    throw new GatewayError('invalid_value', { message: "'size' must be 'auto' or like '1024x1024'.", param: 'size' });
  const [wide, high] = [Number(width), Number(height)];
  const longer = Math.max(wide, high);
  const imageSize = SIZES.find(([, below]) => longer < below)?.[0];
  if (/gemini-2/.test(model) && imageSize !== '1K') unsupported.drop('size');
  return {
    aspectRatio: nearest(wide / high),
    ...(!/gemini-2/.test(model) && { imageSize }),
  };
}

function nearest(wanted: number): string {
  const distance = (ratio: string) => {
    const [wide = 1, high = 1] = ratio.split(':').map(Number);
    return Math.abs(Math.log(wide / high / wanted));
  };
  return RATIOS.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
}
