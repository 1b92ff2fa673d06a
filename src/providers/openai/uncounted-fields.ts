import type { Fields } from './fields.js';
import { decided, fold, isRespelled, PLAIN } from './gateway-owned-fields.js';

/**
 * What names further models (OpenRouter, LiteLLM) or an answer that nobody fetches (xAI), and what would steer another
 * gateway behind: where it sends the request, with whose credential, to which kind of provider.
 *
 * Sources: OpenRouter, "Model routing"; LiteLLM, `completion()` parameters; Portkey, gateway configs.
 */
const ROUTING: ReadonlySet<string> = new Set([
  ...['models', 'fallbacks', 'preset', 'deferred', 'context_window_fallback_dict', 'content_policy_fallbacks'],
  ...['api_base', 'base_url', 'api_key', 'api_version', 'api_type', 'custom_llm_provider', 'custom_host'],
  ...[
    'mock_response',
    'mock_tool_calls',
    'mock_timeout',
    'mock_testing_fallbacks',
    'litellm_params',
    'router_settings',
  ],
  ...['extra_headers', 'headers', 'deployment_id', 'model_list', 'litellm_credential_name', 'organization'],
  ...[
    'aws_access_key_id',
    'aws_secret_access_key',
    'aws_session_token',
    'aws_region_name',
    'aws_bedrock_runtime_endpoint',
  ],
  ...[
    'vertex_credentials',
    'vertex_project',
    'vertex_location',
    'azure_ad_token',
    'configurable_clientside_auth_params',
  ],
]);

/**
 * Refuses what an API that copies OpenAI's may take for another model, more answers or another limit than were paid for.
 * Servers written in Go read the names of fields in any case, so that `MODEL` is `model` to them.
 *
 * @param counted the fields of this route that the gateway has counted, besides those with a meaning everywhere.
 * @throws {GatewayError} `unsupported_parameter`.
 */
export function refuseUncounted(request: Readonly<Fields>, counted: readonly string[] = []): void {
  for (const name in request) {
    if (PLAIN.has(name)) continue;
    // Forms write the names of lists with brackets.
    const folded = fold(name).replace(/\[.*$/, '');
    const uncounted = ROUTING.has(folded) || (folded === 'best_of' && !counted.includes(name));
    if (uncounted || isRespelled(name, folded)) throw decided(name, name);
  }
}
