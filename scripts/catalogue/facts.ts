import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a price list says of one model; USD per single unit. */
export type PriceFacts = Readonly<Record<string, unknown>>;

/** What a list of models says of one; dates are `YYYY-MM-DD`. */
export interface ModelFacts {
  readonly name: string;
  readonly release_date: string;
  readonly status?: string;
  readonly reasoning: boolean;
  readonly reasoning_options?: readonly { readonly type: string; readonly values?: readonly string[] }[];
  readonly tool_call: boolean;
  readonly structured_output?: boolean;
  readonly temperature?: boolean;
  readonly limit: { readonly context: number; readonly output: number };
  readonly modalities: { readonly input: readonly string[]; readonly output: readonly string[] };
}

/** Both lists: by section, then by the id that the section uses. */
export interface Facts {
  readonly prices: Readonly<Record<string, Readonly<Record<string, PriceFacts>>>>;
  readonly models: Readonly<Record<string, Readonly<Record<string, ModelFacts>>>>;
}

/** Reads the newest `prices-*.json` and `models-*.json` of a folder. @throws {Error} when one is not there. */
export function readFacts(folder: string): Facts {
  const read = (kind: string) => {
    const newest = readdirSync(folder)
      .filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.json'))
      .sort()
      .at(-1);
    if (newest === undefined) throw new Error(`no ${kind}-*.json in ${folder}`);
    return JSON.parse(readFileSync(join(folder, newest), 'utf8')).providers;
  };
  const facts: Facts = { prices: read('prices'), models: read('models') };
  const wrong = wrongPrices(facts);
  if (wrong.length > 0) throw new Error(`these facts are not prices:\n${wrong.join('\n')}`);
  return facts;
}

/** Costs that are not a number ≥ 0, and chat models that say what reading costs but not what writing does. */
export function wrongPrices({ prices }: Pick<Facts, 'prices'>): string[] {
  const wrong: string[] = [];
  for (const [section, models] of Object.entries(prices)) {
    for (const [id, facts] of Object.entries(models)) {
      for (const [name, cost] of Object.entries(facts)) {
        if (name.includes('cost') && !isCost(cost)) wrong.push(`${section}/${id} ${name}: ${JSON.stringify(cost)}`);
      }
      if (TALKS.has(facts['mode']) && 'input_cost_per_token' in facts && !('output_cost_per_token' in facts))
        wrong.push(`${section}/${id} output_cost_per_token: none`);
    }
  }
  return wrong;
}

const TALKS: ReadonlySet<unknown> = new Set(['chat', 'responses']);

function isCost(cost: unknown): boolean {
  if (typeof cost === 'object' && cost !== null) return Object.values(cost).every(isCost);
  return typeof cost === 'number' && Number.isFinite(cost) && cost >= 0;
}

/** A number among the facts; undefined: not said. */
export function numberOf(facts: PriceFacts, name: string): number | undefined {
  const value = facts[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
