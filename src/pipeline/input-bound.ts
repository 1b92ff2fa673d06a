import type { InputBound } from '../providers/sent-size.js';
import { loadedBound } from './loaded-bound.js';
import type { MeasuredSizes } from './measured-bound.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Resolution } from './resolve.js';
import type { Runtime } from './runtime.js';

/**
 * The most input tokens that a request can be billed, at whichever of its targets: by its bytes where all of it is text, else
 * by what each target would be sent.
 */
export function inputBound(
  requestId: string,
  operation: Operation,
  principal: Principal,
  resolution: Resolution,
  runtime: Runtime,
  providerTools: boolean,
  measured?: MeasuredSizes,
): InputBound {
  const { sentSize, recalledSize, input } = operation;
  const asText = { inputTokens: input.maxTokens + (input.instructionTokens ?? 0), mediaTokens: 0 };
  const bound = (sentSize ?? recalledSize) && loadedBound();
  if (!bound) return asText;
  return bound(requestId, operation, principal, resolution, runtime, providerTools, measured, asText);
}
