import type { Price, UnitPrice } from '../../src/meter/price.js';
import type { Compiled } from './compile.js';

/** What a rebuild changes: lines for people, and those of them that someone must confirm. */
export interface Differences {
  readonly lines: readonly string[];
  readonly jumps: readonly string[];
}

/** A price that moves by more than this factor is more often a slip in the facts than a price. */
const JUMP = 3;

/** Compares two catalogues, model by model and price by price. */
export function differences(before: Compiled, after: Compiled): Differences {
  const lines: string[] = [];
  const jumps: string[] = [];
  for (const provider of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old = {}, now = {}] = [before[provider], after[provider]];
    for (const id of new Set([...Object.keys(old), ...Object.keys(now)])) {
      const name = `${provider}/${id}`;
      const [was, is] = [old[id], now[id]];
      if (!was || !is) lines.push(`${is ? '+' : '-'} ${name}`);
      else {
        for (const { line, jump } of moved(was.price, is.price)) {
          lines.push(`~ ${name} ${line}`);
          if (jump) jumps.push(`${name} ${line}`);
        }
        const [{ price: _was, ...rest }, { price: _is, ...facts }] = [was, is];
        if (JSON.stringify(rest) !== JSON.stringify(facts)) lines.push(`~ ${name} facts`);
      }
    }
  }
  return { lines, jumps };
}

function moved(was: Price, is: Price): { line: string; jump: boolean }[] {
  const [old, now] = [flat(was), flat(is)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [from, to] = [old.get(name), now.get(name)];
    if (from === to) return [];
    const jump = from !== undefined && to !== undefined && (to > from * JUMP || to * JUMP < from);
    return [{ line: `${name} ${from ?? 'none'} -> ${to ?? 'none'}`, jump }];
  });
}

function flat({ tiers = [], units = {}, ...rates }: Price): Map<string, number> {
  const entries: [string, number][] = Object.entries(rates).map(([name, usd]) => [name, Number(usd)]);
  for (const { aboveInputTokens, ...tier } of tiers) {
    for (const [name, usd] of Object.entries(tier)) entries.push([`above ${aboveInputTokens} ${name}`, Number(usd)]);
  }
  for (const [unit, price] of Object.entries(units)) entries.push([`units.${unit}`, usdOf(price)]);
  return new Map(entries);
}

function usdOf(price: UnitPrice): number {
  return Number(typeof price === 'object' ? price.perMillion : price);
}
