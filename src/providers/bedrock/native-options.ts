import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { ConverseRequest } from './converse-api.js';

/** What a client may set. Latency and service tiers cost more than the prices say, and the rest the gateway decides. */
const ALLOWED: readonly string[] = [
  'additionalModelRequestFields',
  'guardrailConfig',
  'requestMetadata',
  'outputConfig',
];

/** Names under which models take limits, or more answers than were paid for. */
const COUNTED = /max_?\w*(?:tokens|len)|^n$|num_(?:generations|results)|best_of|inference_?config/i;

/**
 * Merges `provider_options.bedrock` into a Converse request, last.
 *
 * @throws {GatewayError} for fields that the gateway decides.
 */
export function mergeNativeOptions(native: ConverseRequest, { provider_options: all }: ChatRequest): void {
  const options: unknown = all?.['bedrock'];
  if (options === undefined || options === null) return;
  if (!isObject(options)) throw new GatewayError('invalid_type', { param: 'provider_options.bedrock' });
  for (const [name, value] of Object.entries(options)) {
    const param = `provider_options.bedrock.${name.slice(0, 64)}`;
    if (!ALLOWED.includes(name)) throw decided(param);
    if (!isObject(value)) throw new GatewayError('invalid_type', { param });
    const counted = Object.keys(value).find((key) => COUNTED.test(key));
    if (name === 'additionalModelRequestFields' && counted !== undefined) throw decided(`${param}.${counted}`);
    const before = native[name];
    native[name] = isObject(before) ? { ...before, ...value } : value;
  }
}

function decided(param: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param, message: 'The gateway sets this field itself.' });
}
