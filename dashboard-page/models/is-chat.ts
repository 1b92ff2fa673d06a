import type { Model } from '../shapes.js';

/** Whether a model answers text with text: others make vectors, images or speech, or take sound alone. */
export function isChat({ input, output }: Pick<Model, 'input' | 'output'>): boolean {
  return input.includes('text') && output.includes('text');
}
