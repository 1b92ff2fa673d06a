import { GatewayError } from '../lib/errors.js';

/** Azure OpenAI's paths, and OpenAI's of before 2023: `openai/deployments/{name}/chat/completions`, `engines/{name}/completions`. */
const NAMED = /\/(?:deployments|engines)\/([^/?]+)\//;

/**
 * Clients of APIs that name a model in the path may leave it out of the body: the error then says what to change.
 *
 * @throws the same error, with a better message if `model` is missing.
 */
export function refuseNamed(thrown: unknown, path: string): never {
  const lacksModel =
    GatewayError.isInstance(thrown) && thrown.code === 'missing_required_parameter' && thrown.param === 'model';
  const [, name] = (lacksModel && NAMED.exec(path)) || [];
  if (!lacksModel || name === undefined) throw thrown;
  const message = `${thrown.message} The '${name}' in the path is not read: send it as 'model' in the body.`;
  throw new GatewayError('missing_required_parameter', { message, param: 'model' });
}
