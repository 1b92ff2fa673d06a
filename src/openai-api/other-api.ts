import { GatewayError } from '../lib/errors.js';

/** The route that a body is for, by the field that holds its conversation. */
const ROUTES: Readonly<Record<string, string>> = {
  messages: 'POST /chat/completions or POST /messages',
  input: 'POST /responses',
  contents: 'POST /models/{model}:generateContent',
};

/**
 * Refuses a body of another API: the required field is missing, and another's is there.
 *
 * @throws {GatewayError} `missing_required_parameter` that says where the body belongs.
 */
export function refuseOtherApi(
  body: Readonly<Record<string, unknown>>,
  needed: 'messages' | 'input' | 'contents',
): void {
  if (body[needed] !== undefined && body[needed] !== null) return;
  const other = Object.keys(ROUTES).find((name) => name !== needed && body[name] !== undefined && body[name] !== null);
  if (other === undefined) return;
  const message = `Missing required parameter: '${needed}'. A body with '${other}' is for ${ROUTES[other]}.`;
  throw new GatewayError('missing_required_parameter', { message, param: needed });
}
