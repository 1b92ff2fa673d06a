import type { Capabilities, Modality } from '../../src/catalog/capabilities.js';
import type { CatalogueModel } from '../../src/catalogue/model.js';
import type { Price } from '../../src/meter/price.js';
import { type ModelFacts, numberOf, type PriceFacts } from './facts.js';

/** All that is known of one model. */
export interface Known {
  readonly id: string;
  readonly facts: PriceFacts;
  readonly model: ModelFacts | undefined;
  readonly price: Price;
  readonly provider: string;
  /** Unix seconds. */
  readonly created: number;
}

export function toModel({ id, facts, model, price, provider, created }: Known): CatalogueModel {
  const maxOutputTokens = outputLimit(facts, model);
  const contextWindow = windowOf(facts, model, provider);
  const name = model && model.name !== id ? model.name.replace(' (latest)', '') : displayName(id);
  return {
    price,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    capabilities: capabilitiesOf(facts, model, price),
    ...(name !== undefined && { displayName: name }),
    ...(typeof facts['deprecation_date'] === 'string' && { deprecated: facts['deprecation_date'] }),
    created,
    ownedBy: maker(id, provider),
  };
}

/** Embeddings and sound have no output limit in tokens that a client could set. */
function outputLimit(facts: PriceFacts, model: ModelFacts | undefined): number | undefined {
  if (!['chat', 'responses', 'image_generation'].includes(String(facts['mode']))) return undefined;
  return numberOf(facts, 'max_output_tokens') ?? (model && model.limit.output > 0 ? model.limit.output : undefined);
}

/** The list says the longest input; at OpenAI the window is that and the longest output together. */
function windowOf(facts: PriceFacts, model: ModelFacts | undefined, provider: string): number | undefined {
  const input = numberOf(facts, 'max_input_tokens');
  const output = numberOf(facts, 'max_output_tokens') ?? 0;
  if (model && model.limit.context > 0) return Math.max(model.limit.context, input ?? 0);
  const apart = (provider === 'openai' || provider === 'azure') && (input === 272_000 || input === 922_000);
  return apart && input !== undefined ? input + output : input;
}

const MODALITY: Readonly<Record<string, Modality>> = {
  text: 'text',
  image: 'image',
  audio: 'audio',
  video: 'video',
  pdf: 'file',
};

function capabilitiesOf(facts: PriceFacts, model: ModelFacts | undefined, price: Price): Capabilities {
  const says = (name: string) => facts[name] === true;
  const mode = String(facts['mode']);
  const talks = mode === 'chat' || mode === 'responses';
  const reasoning = reasoningOf(facts, model);
  const sampling = facts['supports_sampling_params'] !== false && model?.temperature !== false;
  return {
    input: inputOf(facts, model, mode),
    output: outputOf(facts, model, mode),
    ...((says('supports_function_calling') || (talks && model?.tool_call)) && { tools: true }),
    ...(talks && !says('supports_function_calling') && !model?.tool_call && { tools: false }),
    ...((says('supports_response_schema') || model?.structured_output) && { structuredOutput: true }),
    ...(reasoning !== undefined && { reasoning }),
    ...((says('supports_prompt_caching') || price.cachedInput !== undefined) && { promptCache: true }),
    ...((says('supports_web_search') || price.units?.['web_search'] !== undefined) && { webSearch: true }),
    ...(talks && !sampling && { sampling: false }),
  };
}

function inputOf(facts: PriceFacts, model: ModelFacts | undefined, mode: string): Modality[] {
  const found = new Set<Modality>(mode === 'audio_transcription' ? ['audio'] : ['text']);
  const listed = facts['supported_modalities'];
  const names = [...(model?.modalities.input ?? []), ...(Array.isArray(listed) ? listed : [])];
  for (const name of names) if (MODALITY[name]) found.add(MODALITY[name]);
  const flags: readonly [string, Modality][] = [
    ['supports_vision', 'image'],
    ['supports_image_input', 'image'],
    ['supports_audio_input', 'audio'],
    ['supports_video_input', 'video'],
    ['supports_pdf_input', 'file'],
  ];
  for (const [flag, modality] of flags) if (facts[flag] === true) found.add(modality);
  return inOrder(found);
}

function outputOf(facts: PriceFacts, model: ModelFacts | undefined, mode: string): Modality[] {
  if (mode === 'embedding') return ['embeddings'];
  if (mode === 'audio_speech') return ['audio'];
  const listed = facts['supported_output_modalities'];
  const found = new Set<Modality>(mode === 'image_generation' ? ['image'] : ['text']);
  const names = [
    ...(mode === 'image_generation' ? [] : (model?.modalities.output ?? [])),
    ...(Array.isArray(listed) ? listed : []),
  ];
  for (const name of names) if (MODALITY[name]) found.add(MODALITY[name]);
  return inOrder(found);
}

function inOrder(found: ReadonlySet<Modality>): Modality[] {
  return (['text', 'image', 'audio', 'video', 'file'] as const).filter((modality) => found.has(modality));
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** The effort levels where the facts name them, else whether it thinks at all. */
function reasoningOf(facts: PriceFacts, model: ModelFacts | undefined): Capabilities['reasoning'] {
  const listed = facts['reasoning_effort_levels'];
  if (Array.isArray(listed)) return listed;
  const thinks = facts['supports_reasoning'] === true || model?.reasoning === true;
  if (!thinks) return undefined;
  const known = model?.reasoning_options?.find(({ type }) => type === 'effort')?.values;
  if (known) return known;
  const flagged = EFFORTS.filter((level) => facts[`supports_${level}_reasoning_effort`] === true);
  if (flagged.length === 0) return true;
  return EFFORTS.filter((level) => flagged.includes(level) || ['low', 'medium', 'high'].includes(level));
}

const MAKERS: readonly [RegExp, string][] = [
  [/claude/, 'anthropic'],
  [/gpt|whisper|text-embedding-\d-|ada-002|^o\d|^tts-1|dall-e/, 'openai'],
  [/gemini|gemma/, 'google'],
  [/grok/, 'xai'],
  [/deepseek/, 'deepseek'],
  [/llama/, 'meta'],
  [/mistral|voxtral|devstral|magistral|ministral|pixtral|codestral/, 'mistral'],
  [/glm/, 'zai'],
  [/qwen/, 'qwen'],
  [/kimi/, 'moonshotai'],
];

/** Who made a model; resellers name it in the id, or sell their own. */
function maker(id: string, provider: string): string {
  const found = MAKERS.find(([pattern]) => pattern.test(id))?.[1];
  if (found) return found;
  const vendor = /^(?:(?:us|eu|global)\.)?([a-z]+)[./]/.exec(id)?.[1];
  return vendor ?? provider;
}

/** The name of a model that no list has one for: `GPT-6 Sol`, `Claude Opus 5.5`. */
function displayName(id: string): string | undefined {
  const plain = id
    .replace(/^(?:us\.|eu\.|global\.)?(?:[a-z]+[./])?/, '')
    .replace(/-\d{4}-?\d\d-?\d\d.*$|-v\d(:\d)?$/, '');
  const [family, ...rest] = plain.replace(/(\d)-(?=\d)/g, '$1.').split('-');
  const word = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  if (family === 'gpt' && rest[0]) return [`GPT-${rest[0]}`, ...rest.slice(1).map(word)].join(' ');
  if (family && ['claude', 'gemini', 'grok'].includes(family)) return [family, ...rest].map(word).join(' ');
  return undefined;
}
