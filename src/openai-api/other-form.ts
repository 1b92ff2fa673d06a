import { GatewayError } from '../lib/errors.js';

/** The APIs whose requests can be told apart, each with the route that serves it. */
const ROUTES = {
  chat: 'POST /chat/completions',
  responses: 'POST /responses',
  messages: 'POST /messages',
  gemini: 'POST /models/{model}:generateContent',
  completions: 'POST /completions',
  embeddings: 'POST /embeddings',
} as const;

/** An API that clients may speak. */
export type Api = keyof typeof ROUTES;

type Forms = Readonly<Record<string, readonly Api[]>>;

/** The APIs in which an object of a kind has a field. */
const FIELDS = {
  body: {
    messages: ['chat', 'messages'],
    contents: ['gemini'],
    prompt: ['completions'],
    input: ['responses', 'embeddings'],
  },
  tool: {
    function: ['chat'],
    custom: ['chat'],
    input_schema: ['messages'],
    inputSchema: ['messages'],
    functionDeclarations: ['gemini'],
    parameters: ['responses'],
    name: ['responses', 'messages'],
  },
  'tool choice': { function: ['chat'], custom: ['chat'], name: ['responses', 'messages'] },
  format: { json_schema: ['chat'], schema: ['responses', 'messages'] },
  message: {
    tool_calls: ['chat'],
    tool_call_id: ['chat'],
    call_id: ['responses'],
    parts: ['gemini'],
    content: ['chat', 'responses', 'messages'],
  },
} as const satisfies Readonly<Record<string, Forms>>;

/** The APIs that have a part of a type. */
const PARTS: Forms = {
  text: ['chat', 'messages'],
  image_url: ['chat'],
  file: ['chat'],
  input_audio: ['chat', 'responses'],
  input_text: ['responses'],
  output_text: ['responses'],
  input_image: ['responses'],
  input_file: ['responses'],
  image: ['messages'],
  document: ['messages'],
  search_result: ['messages'],
  tool_use: ['messages'],
  tool_result: ['messages'],
};

/**
 * Refuses an object in the form of another API: it lacks a required field, and has one that this API does not know.
 *
 * @param own the API of the route.
 * @throws {GatewayError} `missing_required_parameter` that says where the object belongs.
 */
export function refuseOtherForm(
  kind: keyof typeof FIELDS,
  object: Readonly<Record<string, unknown>>,
  needed: string,
  path: string,
  own: Api,
): void {
  if (object[needed] != null) return;
  const forms: Forms = FIELDS[kind];
  const other = Object.keys(forms).find((name) => object[name] != null && !forms[name]?.includes(own));
  if (other === undefined) return;
  const param = path === '' ? needed : `${path}.${needed}`;
  const message = `Missing required parameter: '${param}'. A ${kind} with '${other}' is for ${routesOf(forms[other])}.`;
  throw new GatewayError('missing_required_parameter', { message, param });
}

/** Says where a part belongs whose type is another API's; undefined when no API has it, or this one. */
export function otherPart(type: unknown, own: Api): string | undefined {
  const apis = typeof type === 'string' && Object.hasOwn(PARTS, type) ? PARTS[type] : undefined;
  return apis === undefined || apis.includes(own) ? undefined : `a part '${type}' is for ${routesOf(apis)}`;
}

function routesOf(apis: readonly Api[] = []): string {
  return apis.map((api) => ROUTES[api]).join(' or ');
}
