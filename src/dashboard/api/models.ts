import type { Price, PriceTier } from '../../meter/price.js';
import type { RouteContext } from './route.js';

/** The models that the caller's plan includes, with what the plan charges for them in USD per million tokens. */
export async function listModels({ gateway, caller }: RouteContext) {
  const models = await gateway.models.list(caller.accountId);
  return {
    data: models.map(({ price, priceMultiplier, capabilities, ...model }) => {
      const { id, ownedBy, displayName, description, deprecated, contextWindow, maxOutputTokens } = model;
      const factor = Number(priceMultiplier);
      const tiers = price.tiers?.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...rates(tier, factor) }));
      return {
        ...{ id, ownedBy, displayName, description, deprecated, contextWindow, maxOutputTokens },
        input: capabilities.input ?? ['text'],
        output: capabilities.output ?? ['text'],
        abilities: ABILITIES.filter((name) => isAble(capabilities[name])),
        price: { ...rates(price, factor), tiers: tiers ?? [] },
      };
    }),
  };
}

/** The names of all models, for an operator: plans of others include more than the operator's own. */
export async function listOperatorModels({ gateway }: RouteContext) {
  const models = await gateway.models.list();
  return { data: models.map(({ id }) => ({ id })) };
}

const ABILITIES = ['tools', 'structuredOutput', 'reasoning', 'promptCache', 'webSearch'] as const;

function isAble(value: boolean | readonly string[] | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value === true;
}

function rates({ input, cachedInput, output }: Price | PriceTier, factor: number) {
  const times = (rate: number | string) => String(Number((Number(rate) * factor).toPrecision(12)));
  return { input: times(input), cachedInput: times(cachedInput ?? input), output: times(output) };
}
