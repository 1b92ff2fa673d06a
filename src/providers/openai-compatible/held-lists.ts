import type { Annotation } from '../../openai-api/chat-completion.js';
import type { ReasoningDetail } from '../../openai-api/chat-request.js';
import { type Fields, isFields } from '../openai/fields.js';
import { readAnnotations } from './content.js';

/**
 * Lists that providers stream piece by piece. SDKs keep only the last piece or fail on the second one, so they are
 * held back and leave complete in one delta.
 */
export interface HeldLists {
  add(delta: Fields): void;
  /** Each list once; what comes after it was taken would only break clients and is left out. */
  take(): { annotations?: Annotation[]; reasoning_details?: ReasoningDetail[] };
}

/** Holds the lists of one choice of one stream. */
export function heldLists(): HeldLists {
  const annotations: Annotation[] = [];
  const details: ReasoningDetail[] = [];
  const taken = { annotations: false, details: false };
  return {
    add(delta) {
      annotations.push(...readAnnotations(delta.annotations));
      if (!Array.isArray(delta.reasoning_details)) return;
      for (const piece of delta.reasoning_details) if (isDetail(piece)) mergeDetail(details, piece);
    },
    take() {
      const giveAnnotations = annotations.length > 0 && !taken.annotations;
      const giveDetails = details.length > 0 && !taken.details;
      taken.annotations ||= giveAnnotations;
      taken.details ||= giveDetails;
      return {
        ...(giveAnnotations && { annotations: [...annotations] }),
        ...(giveDetails && { reasoning_details: structuredClone(details) }),
      };
    },
  };
}

/** Pieces of one block share type and `index` (OpenRouter): their texts are joined, other fields overwritten. */
function mergeDetail(details: ReasoningDetail[], piece: ReasoningDetail): void {
  const block = details.find((detail) => detail.type === piece.type && detail.index === piece.index);
  if (block === undefined || piece.index === undefined) {
    details.push({ ...piece });
    return;
  }
  for (const [name, value] of Object.entries(piece)) {
    const before = block[name];
    const joined = name === 'text' || name === 'summary' || name === 'data';
    if (joined && typeof before === 'string' && typeof value === 'string') block[name] = before + value;
    else if (value !== null && value !== undefined) block[name] = value;
  }
}

function isDetail(value: unknown): value is ReasoningDetail {
  return isFields(value) && typeof value.type === 'string';
}
