import type { Model } from '../../catalog/catalog.js';
import { GatewayError } from '../../lib/errors.js';
import { mayUse } from '../../pipeline/principal.js';
import { unknownModel } from '../../pipeline/resolve.js';
import type { RoutedRequest } from '../../pipeline/route.js';

const DEFAULT_LIMIT = 20;
const MOST = 1_000;

/**
 * `GET /models` for clients of Anthropic's API: page by page, as its SDKs ask. Source: the Anthropic API reference,
 * `GET /v1/models`.
 */
export function listAnthropicModels({ principal, request }: RoutedRequest): object {
  const models = [...principal.catalog.models.values()].filter(({ id }) => mayUse(principal, id));
  const query = new URLSearchParams(request.path.split('?')[1] ?? '');
  const limit = limitOf(query.get('limit'));
  const [after, before] = [query.get('after_id'), query.get('before_id')];
  const at = (id: string) => models.findIndex((model) => model.id === id);
  const end = before === null ? models.length : Math.max(0, at(before));
  const start = before === null ? (after === null ? 0 : at(after) + 1) : Math.max(0, end - limit);
  const page = models.slice(start, Math.min(end, start + limit));
  return {
    data: page.map(describe),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: before === null ? start + limit < models.length : start > 0,
  };
}

/** `GET /models/{id}` in the same form. @throws {GatewayError} `model_not_found` for one that may not be used. */
export function retrieveAnthropicModel({ principal, params }: RoutedRequest): object {
  const id = params['id'] ?? '';
  const model = principal.catalog.models.get(id);
  if (!model || !mayUse(principal, model.id)) throw unknownModel(id);
  return describe(model);
}

function limitOf(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  const message = `Invalid value for 'limit': it must be between 1 and ${MOST}.`;
  throw new GatewayError('invalid_value', { message, param: 'limit' });
}

function describe(model: Model): object {
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: new Date(model.created * 1_000).toISOString(),
    max_input_tokens: model.contextWindow ?? null,
    max_tokens: model.outputLimitConfigured ? model.maxOutputTokens : null,
    capabilities: null,
    lifecycle: model.deprecated === undefined ? 'active' : 'deprecated',
    line: null,
    deprecated_at: model.deprecated === undefined ? null : `${model.deprecated}T00:00:00Z`,
    retires_at: null,
  };
}
