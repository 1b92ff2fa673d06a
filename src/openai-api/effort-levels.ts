/** Levels of reasoning effort, from the least to the most. Source: the OpenAI API reference, `ReasoningEffort`. */
export const EFFORT_LEVELS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

export type ReasoningEffort = (typeof EFFORT_LEVELS)[number];

/** True for a known level; newer ones are for the model's provider to judge. */
export function isEffortLevel(value: unknown): value is ReasoningEffort {
  return (EFFORT_LEVELS as readonly unknown[]).includes(value);
}
