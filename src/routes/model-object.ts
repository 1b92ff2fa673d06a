import type { Model } from '../catalog/catalog.js';
import { formatDecimal, parsePricePerMillion } from '../lib/money.js';
import { type Price, readUnitPrice } from '../meter/price.js';

/** Pico-USD times a multiplier in millionths. */
const PRICE_PLACES = 12 + 6;

/**
 * A model in `GET /models`: the four fields of OpenAI's object, then those that clients of OpenRouter read.
 *
 * Prices are USD per token (or per unit) as decimal strings, after the plan's multiplier.
 * Sources: OpenAI, "The model object"; OpenRouter, "Models API", response schema.
 *
 * @param multiplier the plan's factor on prices, in millionths.
 */
export function modelObject(model: Model, multiplier: bigint): object {
  const { id, created, ownedBy, contextWindow = null, capabilities, deprecated = null } = model;
  const input = capabilities.input ?? ['text'];
  const output = capabilities.output ?? ['text'];
  const maxOutputTokens = model.outputLimitConfigured ? model.maxOutputTokens : null;
  return {
    id,
    object: 'model',
    created,
    owned_by: ownedBy,
    name: model.displayName,
    ...(model.description !== undefined && { description: model.description }),
    context_length: contextWindow,
    max_output_tokens: maxOutputTokens,
    architecture: {
      modality: `${input.join('+')}->${output.join('+')}`,
      input_modalities: input,
      output_modalities: output,
    },
    pricing: pricing(model.price, multiplier),
    top_provider: { context_length: contextWindow, max_completion_tokens: maxOutputTokens, is_moderated: false },
    supported_parameters: output.includes('text') ? supportedParameters(model) : [],
    expiration_date: deprecated,
  };
}

/** Units that OpenRouter's schema has a name for. */
const UNIT_NAMES: Readonly<Record<string, string>> = { input_audio_token: 'audio', output_image_token: 'image_output' };

function pricing(price: Price, multiplier: bigint): Record<string, string> {
  const usd = (pico: bigint) => formatDecimal(pico * multiplier, PRICE_PLACES);
  const perToken = (rate: number | string) => usd(parsePricePerMillion(rate));
  const shown: Record<string, string> = { prompt: perToken(price.input), completion: perToken(price.output) };
  if (price.cachedInput !== undefined) shown['input_cache_read'] = perToken(price.cachedInput);
  if (price.cacheWrite !== undefined) shown['input_cache_write'] = perToken(price.cacheWrite);
  if (price.reasoning !== undefined) shown['internal_reasoning'] = perToken(price.reasoning);
  for (const [unit, each] of Object.entries(price.units ?? {})) {
    shown[UNIT_NAMES[unit] ?? unit] = usd(readUnitPrice(each));
  }
  return shown;
}

/** Models without known capabilities are listed as usual chat models: clients leave out what is not listed. */
function supportedParameters({ capabilities }: Model): string[] {
  const {
    tools = true,
    sampling = true,
    structuredOutput = false,
    reasoning = false,
    webSearch = false,
  } = capabilities;
  const named: readonly [boolean, readonly string[]][] = [
    [true, ['max_tokens', 'max_completion_tokens']],
    [sampling, ['temperature', 'top_p', 'stop']],
    [tools, ['tools', 'tool_choice']],
    [structuredOutput, ['response_format', 'structured_outputs']],
    [reasoning !== false, ['reasoning', 'include_reasoning', 'reasoning_effort']],
    [webSearch, ['web_search_options']],
  ];
  return named.flatMap(([supported, names]) => (supported ? names : []));
}
