import { NO_USAGE, type Usage } from '../../lib/usage.js';
import { type PriceList, unitRate } from '../../meter/price.js';
import type { MediaUse } from '../../openai-api/media/media-request.js';
import type { PricedUse } from '../../pipeline/operation.js';

/** How a media request is charged at a target: by the unit where the price has all of its units, else by tokens. */
export function pricedUse(use: MediaUse, price: PriceList): PricedUse {
  const { units, tokens } = use;
  if (units && isPricedByUnit(use, price)) {
    return {
      priced: true,
      bounds: { inputTokens: 0, outputTokens: 0, units },
      // A provider may know better how long a file is; everything else is as it was asked for.
      charged: (reported) => ({ ...NO_USAGE, source: 'provider', units: { ...units, ...reportedOf(units, reported) } }),
    };
  }
  return {
    priced: units === undefined || isPricedByToken(tokens.units ?? {}, price),
    bounds: tokens,
    charged: (reported) =>
      reported && countsTokens(reported) ? reported : { ...NO_USAGE, ...tokens, source: 'estimated' },
  };
}

/** True where the price has all units of a request. */
export function isPricedByUnit({ units }: MediaUse, { base: { rates } }: PriceList): boolean {
  return units !== undefined && Object.keys(units).every((name) => unitRate(rates, name) !== undefined);
}

function reportedOf(units: Readonly<Record<string, number>>, reported: Usage | undefined): Record<string, number> {
  const known = Object.entries(reported?.units ?? {}).filter(([name]) => Object.hasOwn(units, name));
  return Object.fromEntries(known);
}

/** A model for media that has no price per token of media, and none per text token either, is not priced by tokens. */
function isPricedByToken(units: Readonly<Record<string, number>>, { base }: PriceList): boolean {
  return base.rates.output > 0n || Object.keys(units).some((name) => unitRate(base.rates, name) !== undefined);
}

function countsTokens({ inputTokens, outputTokens, units = {} }: Usage): boolean {
  return inputTokens + outputTokens > 0 || Object.keys(units).some((name) => name.endsWith('_token'));
}
