import type { Price, PriceTier } from '../../meter/price.js';
import type { RouteContext } from './route.js';

/** The models that the caller's plan includes, with what the plan charges for them in USD per million tokens. */
export async function listModels({ gateway, caller }: RouteContext) {
  const models = await gateway.models.list(caller.accountId);
  return {
    data: models.map(({ id, ownedBy, price, priceMultiplier, maxOutputTokens }) => {
      const factor = Number(priceMultiplier);
      const tiers = price.tiers?.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...rates(tier, factor) }));
      return { id, ownedBy, maxOutputTokens, price: { ...rates(price, factor), tiers: tiers ?? [] } };
    }),
  };
}

function rates({ input, cachedInput, output }: Price | PriceTier, factor: number) {
  const times = (rate: number | string) => String(Number((Number(rate) * factor).toPrecision(12)));
  return { input: times(input), cachedInput: times(cachedInput ?? input), output: times(output) };
}
