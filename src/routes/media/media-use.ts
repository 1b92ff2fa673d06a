import { GatewayError } from '../../lib/errors.js';
import { NO_USAGE, type Usage } from '../../lib/usage.js';
import { type PriceList, unitRate } from '../../meter/price.js';
import type { MediaUse } from '../../openai-api/media/media-request.js';
import type { PricedTarget, PricedUse } from '../../pipeline/operation.js';

/** How a media request is charged at a target: by the unit where the price has all of its units, else by tokens. */
export function pricedUse(use: MediaUse, target: PricedTarget): PricedUse {
  const { price } = target;
  const { units: asked, tokens, unsized } = use;
  if (asked && isPricedByUnit(use, target)) {
    const units = namedBy(asked, (name) => chargedName(name, target));
    return {
      priced: true,
      bounds: { inputTokens: 0, outputTokens: 0, units },
      unsized: unsizedError(unsized),
      // A provider may know better how long a file is; all other units are as requested.
      charged(reported) {
        const counted = { ...asked, ...reportedOf(asked, reported) };
        return { ...NO_USAGE, source: 'provider', units: namedBy(counted, (name) => chargedName(name, target)) };
      },
    };
  }
  return {
    priced: asked === undefined || isPricedByToken(tokens.units ?? {}, price),
    bounds: tokens,
    unsized: unsizedError(unsized),
    charged: (reported) =>
      reported && countsTokens(reported) ? reported : { ...NO_USAGE, ...tokens, source: 'estimated' },
  };
}

function unsizedError(param: string | undefined): GatewayError | undefined {
  if (param === undefined) return undefined;
  return new GatewayError('unsupported_value', {
    message: `How long '${param}' is can't be read from its bytes, so that it cannot be paid from a balance or budget. WAV, MP3, AAC, FLAC, and Opus in Ogg or WebM can.`,
    param,
  });
}

/** True where the price has all units that would be charged. */
export function isPricedByUnit({ units }: MediaUse, target: PricedTarget): boolean {
  const isPriced = (name: string) => unitRate(target.price.base.rates, chargedName(name, target)) !== undefined;
  return units !== undefined && Object.keys(units).every(isPriced);
}

type Counts = Readonly<Record<string, number>>;

function namedBy(units: Counts, nameOf: (name: string) => string): Counts {
  return Object.fromEntries(Object.entries(units).map(([name, count]) => [nameOf(name), count]));
}

/** What DALL·E makes by default. Source: the OpenAI API reference, `CreateImageRequest`. */
const DALL_E = ['1024x1024', 'standard'];
/** Size or quality that the client leaves to the provider. */
const OPEN = 'auto';

/**
 * The unit that is charged: of the size and quality that the client has asked for. What it leaves to the provider counts as the
 * most expensive that may come.
 */
function chargedName(asked: string, { price, model }: PricedTarget): string {
  const [kind, ...wishes] = asked.split(':');
  if (kind !== 'image') return asked;
  const known = wishes.map((wish, i) => (wish === OPEN && /^dall-e/.test(model) ? (DALL_E[i] ?? wish) : wish));
  const name = [kind, ...known].join(':');
  if (!known.includes(OPEN)) return name;
  let [dearest, highest] = [name, unitRate(price.base.rates, name) ?? -1n];
  for (const candidate of matching(name, price)) {
    const rate = unitRate(price.base.rates, candidate) ?? 0n;
    if (rate > highest) [dearest, highest] = [candidate, rate];
  }
  return dearest;
}

/** The units with a price that a request for this one may be charged as. */
function matching(name: string, { base: { rates } }: PriceList): string[] {
  const wanted = name.split(':');
  const fits = (part: string, i: number) => part === wanted[i] || (wanted[0] === 'image' && wanted[i] === OPEN);
  return Object.keys(rates.units ?? {}).filter((priced) => priced.split(':').every(fits));
}

function reportedOf(units: Counts, reported: Usage | undefined): Record<string, number> {
  const known = Object.entries(reported?.units ?? {}).filter(([name]) => Object.hasOwn(units, name));
  return Object.fromEntries(known);
}

/** A model for media that has no price per token of media, and none per text token either, is not priced by tokens. */
function isPricedByToken(units: Counts, { base }: PriceList): boolean {
  return base.rates.output > 0n || Object.keys(units).some((name) => unitRate(base.rates, name) !== undefined);
}

function countsTokens({ inputTokens, outputTokens, units = {} }: Usage): boolean {
  return inputTokens + outputTokens > 0 || Object.keys(units).some((name) => name.endsWith('_token'));
}
