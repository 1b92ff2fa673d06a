import { type GatewayOptions, openai } from '../../src/index.js';
import { type FakedGateway, fakedGateway } from './test-gateway.js';

/** A gateway in front of a scriptable OpenAI. */
export type GatewayBehind = FakedGateway;

/** The model ids that it serves; the second one holds a slash. */
export const MODELS = ['gpt-4o-mini', 'meta/llama-3'] as const;

/** Starts one. */
export function gatewayBehind(options: Partial<GatewayOptions> = {}): Promise<GatewayBehind> {
  return fakedGateway((upstream) => ({
    providers: { openai: openai(upstream.openai) },
    models: Object.fromEntries(MODELS.map((id) => [id, { provider: 'openai', price: { input: 1, output: 2 } }])),
    ...options,
  }));
}
