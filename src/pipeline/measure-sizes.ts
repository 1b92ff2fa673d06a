import type { Target } from '../catalog/catalog.js';
import { GatewayError } from '../lib/errors.js';
import { nextTurn } from '../lib/next-turn.js';
import type { SentSize } from '../providers/sent-size.js';
import { attemptAt } from './measured-bound.js';
import { measureAt } from './operation.js';
import type { MeasuredSizes } from './run-parts.js';
import type { Run } from './run-state.js';

/**
 * Measures a large request at each of its targets, a step at a time. A target that the request can't be sent to is left
 * out: asking for its size later throws the reason.
 */
export async function measureSizes(run: Run): Promise<MeasuredSizes> {
  const { operation, resolution } = run;
  const sizes = new Map<Target, SentSize>();
  for (const target of resolution.targets) {
    const attempt = attemptAt(target, run);
    try {
      const size = measureAt(operation, target.adapter)?.(target.adapter, attempt);
      await nextTurn();
      await size?.measure?.();
      if (size) sizes.set(target, size);
    } catch (thrown) {
      if (!GatewayError.isInstance(thrown)) throw thrown;
    }
  }
  return sizes;
}
