import type { Model } from '../../catalog/catalog.js';
import { mayUse } from '../../pipeline/principal.js';
import { unknownModel } from '../../pipeline/resolve.js';
import type { RoutedRequest } from '../../pipeline/route.js';

const DEFAULT_PAGE = 50;
const MOST = 1_000;

/** `GET /models` for clients of the Gemini API. Source: ai.google.dev, API reference, `models.list`. */
export function listGeminiModels({ principal, request }: RoutedRequest): object {
  const query = new URLSearchParams(request.path.split('?')[1] ?? '');
  const all = [...principal.catalog.models.values()].filter(({ id }) => mayUse(principal, id));
  const size = Math.min(MOST, Math.max(1, Number(query.get('pageSize')) || DEFAULT_PAGE));
  const start = Math.max(0, Math.floor(Number(query.get('pageToken')) || 0));
  const page = all.slice(start, start + size);
  const next = start + size < all.length ? { nextPageToken: String(start + size) } : {};
  return { models: page.map(describe), ...next };
}

/** `GET /models/{id}` in the same form. @throws {GatewayError} `model_not_found` for one that may not be used. */
export function retrieveGeminiModel({ principal, params }: RoutedRequest): object {
  const id = params['id'] ?? '';
  const model = principal.catalog.models.get(id);
  if (!model || !mayUse(principal, model.id)) throw unknownModel(id);
  return describe(model);
}

function describe({
  id,
  displayName,
  description,
  contextWindow,
  maxOutputTokens,
  outputLimitConfigured,
}: Model): object {
  return {
    name: `models/${id}`,
    baseModelId: id,
    version: '001',
    displayName,
    ...(description !== undefined && { description }),
    ...(contextWindow !== undefined && { inputTokenLimit: contextWindow }),
    ...(outputLimitConfigured && { outputTokenLimit: maxOutputTokens }),
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}
