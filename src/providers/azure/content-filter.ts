import { type Fields, isFields } from '../openai/fields.js';

/**
 * What a content filter found, in words: `violence (high), jailbreak`. Empty when it let everything pass.
 *
 * Source: Microsoft Learn, "Content filtering", `content_filter_results`: a verdict for each category, with `filtered`, and
 * `severity` or `detected`.
 */
export function filteredCategories(results: unknown): string {
  if (!isFields(results)) return '';
  const names: string[] = [];
  for (const [category, verdict] of Object.entries(results)) {
    if (!isFields(verdict) || verdict.filtered !== true || !/^[a-z_]{1,40}$/.test(category)) continue;
    const { severity } = verdict;
    const graded = typeof severity === 'string' && /^[a-z]{1,10}$/.test(severity) ? ` (${severity})` : '';
    names.push(category + graded);
  }
  return names.join(', ');
}

/** Fills in the message of choices that a content filter stopped before their first word: Azure leaves it out. */
export function fillFilteredChoices(answer: unknown): boolean {
  const choices = isFields(answer) && Array.isArray(answer.choices) ? answer.choices : [];
  let changed = false;
  for (const choice of choices) {
    if (!isFields(choice) || isFields(choice.message) || choice.finish_reason !== 'content_filter') continue;
    const message: Fields = { role: 'assistant', content: null, refusal: null };
    choice.message = message;
    changed = true;
  }
  return changed;
}
