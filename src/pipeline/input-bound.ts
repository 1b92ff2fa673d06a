import type { InputBound } from '../providers/sent-size.js';
import { loadedBound } from './loaded-bound.js';
import type { Measurable } from './measured-bound.js';

/**
 * The most input tokens that a request can be billed, at whichever of its targets: by its bytes where all of it is text, else
 * by what each target would be sent.
 */
export function inputBound(run: Measurable): InputBound {
  const { sentSize, recalledSize, input } = run.operation;
  const asText = { inputTokens: input.maxTokens + (input.instructionTokens ?? 0), mediaTokens: 0 };
  const bound = (sentSize ?? recalledSize) && loadedBound();
  return bound ? bound(run, asText) : asText;
}
