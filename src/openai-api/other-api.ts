import { GatewayError } from '../lib/errors.js';

/** The route that a body is for, by the field that holds what it asks. */
const ROUTES = {
  messages: 'POST /chat/completions or POST /messages',
  contents: 'POST /models/{model}:generateContent',
  prompt: 'POST /completions',
  input: 'POST /responses or POST /embeddings',
} as const;

/** The field that holds what a body asks. */
export type Question = keyof typeof ROUTES;

/**
 * Refuses a body of another API: the required field is missing, and another's is there.
 *
 * @throws {GatewayError} `missing_required_parameter` that says where the body belongs.
 */
export function refuseOtherApi(body: Readonly<Record<string, unknown>>, needed: Question): void {
  if (body[needed] !== undefined && body[needed] !== null) return;
  const questions = Object.keys(ROUTES) as Question[];
  const other = questions.find((name) => name !== needed && body[name] !== undefined && body[name] !== null);
  if (other === undefined) return;
  const message = `Missing required parameter: '${needed}'. A body with '${other}' is for ${ROUTES[other]}.`;
  throw new GatewayError('missing_required_parameter', { message, param: needed });
}
