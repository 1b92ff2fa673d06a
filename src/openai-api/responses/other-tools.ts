import { GatewayError } from '../../lib/errors.js';

/** The route that a tool is for, by a field that it has in that form alone. */
const FORMS: Readonly<Record<string, string>> = {
  function: 'POST /chat/completions',
  custom: 'POST /chat/completions',
  input_schema: 'POST /messages',
  functionDeclarations: 'POST /models/{model}:generateContent',
};

/**
 * Refuses a tool in the form of another API: its required field is missing, and another form's is there.
 *
 * @throws {GatewayError} `missing_required_parameter` that says which route the tool is for.
 */
export function refuseOtherTool(tool: Readonly<Record<string, unknown>>, needed: 'name' | 'type', path: string): void {
  if (tool[needed] !== undefined) return;
  const other = Object.keys(FORMS).find((name) => tool[name] !== undefined);
  if (other === undefined) return;
  const param = `${path}.${needed}`;
  const message = `Missing required parameter: '${param}'. A tool with '${other}' is for ${FORMS[other]}.`;
  throw new GatewayError('missing_required_parameter', { message, param });
}
