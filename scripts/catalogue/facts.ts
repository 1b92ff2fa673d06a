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
  return { prices: read('prices'), models: read('models') };
}

/** A number among the facts; undefined: not said. */
export function numberOf(facts: PriceFacts, name: string): number | undefined {
  const value = facts[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
