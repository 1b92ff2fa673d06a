import { addUnits, type Usage, unitsOf } from '../../lib/usage.js';
import { type Fields, isFields } from '../openai/fields.js';

/** Units by the type of an executed tool; another type is its own unit. Source: console.groq.com, "Built-In Tools". */
const UNITS: Readonly<Record<string, string>> = {
  search: 'web_search',
  browser_search: 'web_search',
  'browser.search': 'web_search',
  visit: 'web_fetch',
  visit_website: 'web_fetch',
  'browser.open': 'web_fetch',
  'browser.find': 'web_fetch',
  python: 'code_execution',
  code_interpreter: 'code_execution',
};

/** Counts the tools that the provider ran for one answer: `executed_tools`, each once however often a stream names it. */
export class ToolUses {
  readonly #units = new Map<string, string>();

  /** @param choice the index of the choice that the message, or the piece of one, belongs to. */
  read({ executed_tools: executed }: Fields, choice: number): void {
    if (!Array.isArray(executed)) return;
    executed.filter(isFields).forEach(({ index, type }, position) => {
      const name = typeof type === 'string' && /^[\w.]{1,64}$/.test(type) ? type : 'tool';
      const place = Number.isInteger(index) ? (index as number) : position;
      this.#units.set(`${choice}/${place}`, UNITS[name] ?? name);
    });
  }

  /** The report with what was counted so far. */
  addTo(usage: Usage): Usage {
    const counts: Record<string, number> = {};
    for (const unit of this.#units.values()) counts[unit] = (counts[unit] ?? 0) + 1;
    const units = addUnits(usage.units, unitsOf(counts).units);
    return units ? { ...usage, units } : usage;
  }
}
