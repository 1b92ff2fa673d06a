import { EFFORT_LEVELS, isEffortLevel, type ReasoningEffort } from '../../openai-api/effort-levels.js';
import type { ResponsesRequest } from '../../openai-api/responses/responses-request.js';
import { asksForNothing } from '../asks-for-nothing.js';
import type { OpenAIFamily } from './families.js';
import { type Fields, isFields } from './fields.js';

/** What has to change in a request so that a model does not refuse it. */
export interface FamilyFit {
  /** New values of fields, by their names in chat; undefined: the field is left out. */
  readonly set: Readonly<Fields>;
  /** Names of the fields that are not as the client asked. */
  readonly lost: readonly string[];
}

/** Nothing has to change. */
export const AS_IT_IS: FamilyFit = { set: {}, lost: [] };

/** True where nothing has to change. */
export function isSame({ set }: FamilyFit): boolean {
  for (const _ in set) return false;
  return true;
}

/** Fields that always were at their default where they have these values. */
const DEFAULTS: Readonly<Record<string, unknown>> = { temperature: 1, top_p: 1, top_logprobs: 0 };

/**
 * Fits a chat request to what a model of OpenAI's takes: the nearest effort that it knows, and none of the fields that it
 * answers 400 to. A field that asks for nothing is left out without a word.
 */
export function fitToFamily(request: Readonly<Fields>, family: OpenAIFamily): FamilyFit {
  const set: Fields = {};
  const lost: string[] = [];
  const lose = (name: string) => {
    set[name] = undefined;
    lost.push(name);
  };
  const effort = fitEffort(request, family, set, lost);
  const thinks = family.efforts.length > 0 && (effort ?? family.defaultEffort) !== 'none';
  for (const name of thinks ? [...family.refuses, ...family.refusesThinking] : family.refuses) {
    const value = request[name];
    if (value === undefined) continue;
    if (value === DEFAULTS[name] || asksForNothing(name, value)) set[name] = undefined;
    else lose(name);
  }
  const { verbosity } = request;
  if (verbosity !== undefined && !family.verbosity && verbosity !== 'medium') lose('verbosity');
  return { set, lost };
}

/**
 * The same for a responses request, whose fields have other names. Functions go with any effort there.
 *
 * @returns `lost` with the names in a responses request.
 */
export function fitResponseToFamily(request: ResponsesRequest, family: OpenAIFamily): FamilyFit {
  const {
    reasoning,
    text,
    include,
    temperature,
    top_p,
    top_logprobs,
    prompt_cache_retention: retention,
  } = {
    ...(request as Readonly<Fields> & ResponsesRequest),
  };
  const asked = include?.includes(LOGPROBS) === true;
  const chat: Fields = {
    ...(reasoning?.effort != null && { reasoning_effort: reasoning.effort }),
    ...(text?.verbosity != null && { verbosity: text.verbosity }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(top_logprobs !== undefined && { top_logprobs }),
    ...(asked && { logprobs: true }),
    ...(retention !== undefined && { prompt_cache_retention: retention }),
  };
  const { set, lost } = fitToFamily(chat, family);
  const native: Fields = {};
  for (const name of Object.keys(set)) {
    if (name === 'reasoning_effort') native.reasoning = withOrWithout(reasoning, 'effort', set[name]);
    else if (name === 'verbosity') native.text = withOrWithout(text, 'verbosity', set[name]);
    else if (name === 'logprobs') native.include = include?.filter((wish) => wish !== LOGPROBS);
    else native[name] = set[name];
  }
  return { set: native, lost: lost.map((name) => RESPONSE_NAMES[name] ?? name) };
}

const LOGPROBS = 'message.output_text.logprobs';

const RESPONSE_NAMES: Readonly<Record<string, string>> = {
  reasoning_effort: 'reasoning.effort',
  verbosity: 'text.verbosity',
  logprobs: 'include',
};

function withOrWithout(object: object | null | undefined, name: string, value: unknown): object {
  const { [name]: _, ...rest } = { ...object } as Fields;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** The effort that will be asked for. */
function fitEffort(
  request: Readonly<Fields>,
  { efforts, functions }: OpenAIFamily,
  set: Fields,
  lost: string[],
): ReasoningEffort | undefined {
  const wanted = request.reasoning_effort as ReasoningEffort | undefined;
  const calls = functions !== 'any-effort' && offersFunctions(request);
  if (wanted === undefined) {
    if (!calls || functions !== 'effort-none') return undefined;
    set.reasoning_effort = 'none';
    return 'none';
  }
  let effort = nearestEffort(wanted, efforts);
  if (calls && effort !== 'none') effort = functions === 'effort-none' ? 'none' : undefined;
  if (effort === wanted) return effort;
  set.reasoning_effort = effort;
  // A model that can't think fulfills `none` anyway.
  if (wanted !== 'none' || effort !== undefined) lost.push('reasoning_effort');
  return effort;
}

/** The nearest level that a model knows: below the wanted one, else above it; undefined: it knows none. */
export function nearestEffort(wanted: ReasoningEffort, known: readonly ReasoningEffort[]): ReasoningEffort | undefined {
  if (known.includes(wanted)) return wanted;
  const thinking = known.filter((effort) => effort !== 'none');
  if (!isEffortLevel(wanted)) return undefined;
  const rank = EFFORT_LEVELS.indexOf(wanted);
  return thinking.filter((effort) => EFFORT_LEVELS.indexOf(effort) < rank).at(-1) ?? thinking[0];
}

function offersFunctions({ tools, functions }: Readonly<Fields>): boolean {
  if (Array.isArray(functions) && functions.length > 0) return true;
  return Array.isArray(tools) && tools.some((tool) => isFields(tool) && tool.type === 'function');
}

/** A copy of a request with what fits it; the same object where nothing has to change. */
export function fitted<T extends object>(request: T, fit: FamilyFit): T {
  if (isSame(fit)) return request;
  const { set } = fit;
  const copy = { ...request } as Fields;
  for (const name of Object.keys(set)) {
    if (set[name] === undefined) delete copy[name];
    else copy[name] = set[name];
  }
  return copy as T;
}
