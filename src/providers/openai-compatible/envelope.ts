import { reportedCost, type Usage } from '../../lib/usage.js';
import type { ChatCall } from '../adapter.js';
import { chatId } from '../chat-id.js';
import { joinReports } from '../join-reports.js';
import { type Fields, isFields } from '../openai/fields.js';
import { readUsage } from '../openai/usage.js';
import type { CompatibleFacts } from './facts.js';
import { randomId } from './random-id.js';

/** The fields that are the same in all chunks of an answer. */
export interface Envelope {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

const TIERS = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast']);
const OWN_FIELDS = new Set([
  ...['id', 'object', 'created', 'model', 'choices', 'usage', 'error', 'system_fingerprint', 'service_tier'],
  // Groq's own request id and usage
  'x_groq',
]);

/** What the provider left out of its answer is made up: an id, the time of the answer, the model that was asked for. */
export function readEnvelope(answer: Fields, call: ChatCall, random: () => number): Envelope {
  const { id, created, model } = answer;
  return {
    id: typeof id === 'string' && id !== '' ? chatId(id) : randomId('chatcmpl-', random),
    created: seconds(created) ?? Math.floor(call.now() / 1_000),
    model: typeof model === 'string' && model !== '' ? model : call.model,
  };
}

/** Top-level fields beyond the envelope, as far as the schema allows their values. */
export function readExtras(answer: Fields): Fields {
  const extras: Fields = {};
  for (const [name, value] of Object.entries(answer)) {
    if (value !== null && !OWN_FIELDS.has(name)) extras[name] = value;
  }
  const { system_fingerprint: fingerprint, service_tier: tier } = answer;
  if (typeof fingerprint === 'string') extras.system_fingerprint = fingerprint;
  if (typeof tier === 'string' && TIERS.has(tier)) extras.service_tier = tier;
  return extras;
}

/** Usage wherever it is reported: at the top, under Groq's `x_groq`, or in a choice (Moonshot). */
export function findUsage(answer: Fields, { reportedCost: cost }: CompatibleFacts): Usage | undefined {
  const places: unknown[] = [answer, answer.x_groq];
  if (Array.isArray(answer.choices)) places.push(...answer.choices);
  let joined: Usage | undefined;
  for (const place of places) {
    const native = isFields(place) ? place.usage : undefined;
    const usage = readUsage(native);
    if (usage) joined = joinReports(joined, { ...usage, ...(cost && isFields(native) && costIn(native, cost)) });
  }
  return joined;
}

function costIn(usage: Fields, { field, unitsPerUsd }: CostField): { readonly reportedCost?: string } {
  const charged = usage[field];
  const cost = reportedCost(typeof charged === 'number' ? charged / unitsPerUsd : undefined);
  return cost === undefined ? {} : { reportedCost: cost };
}

type CostField = NonNullable<CompatibleFacts['reportedCost']>;

/** Unix seconds; some servers send milliseconds or fractions. */
function seconds(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value > 0) || value > 1e15) return undefined;
  return Math.floor(value > 1e11 ? value / 1_000 : value);
}
