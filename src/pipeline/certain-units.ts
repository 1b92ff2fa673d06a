import type { Target } from '../catalog/catalog.js';
import type { UnitCounts } from '../lib/usage.js';
import { alwaysSearches, ONE_SEARCH } from '../providers/openai/chat-search.js';
import type { Operation } from './operation.js';

/** What a request is billed at one of these targets in addition to its tokens, whatever becomes of the answer and its report. */
export function certainUnits(
  { searches, route }: Pick<Operation, 'searches' | 'route'>,
  targets: readonly Pick<Target, 'model'>[],
): UnitCounts | undefined {
  const certain = searches || (route === 'chat/completions' && targets.some(({ model }) => alwaysSearches(model)));
  return certain ? ONE_SEARCH : undefined;
}
