import { Ajv } from 'ajv';
import { closed, everySchema, listOf, OBJECT, TEXT } from './json-rules.js';

const functionName = { type: 'string', pattern: '^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$' };
const bool = { type: 'boolean' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const base64 = { type: 'string', pattern: '^[A-Za-z0-9+/_-]+=*$' };
const blob = closed(['mimeType', 'data'], { mimeType: TEXT, data: base64, displayName: TEXT });
const file = closed(['fileUri'], { mimeType: TEXT, fileUri: { type: 'string', minLength: 1 } });
/** One kind of data, with what may stand beside any. */
const part = (kind: string, data: object) => closed([kind], { [kind]: data, thought: bool, thoughtSignature: base64 });

const parts = {
  user: [
    part('text', TEXT),
    part('inlineData', blob),
    part('fileData', file),
    part(
      'functionResponse',
      closed(['name', 'response'], {
        id: TEXT,
        name: functionName,
        response: OBJECT,
        parts: listOf({
          anyOf: [closed(['inlineData'], { inlineData: blob }), closed(['fileData'], { fileData: file })],
        }),
      }),
    ),
  ],
  model: [
    part('text', TEXT),
    part('inlineData', blob),
    part('functionCall', closed(['name'], { id: TEXT, name: functionName, args: OBJECT })),
  ],
};
const content = (role: 'user' | 'model') =>
  closed(['role', 'parts'], { role: { const: role }, parts: listOf({ anyOf: parts[role] }, 1) });

const declaration = closed(['name'], {
  name: functionName,
  description: TEXT,
  parametersJsonSchema: OBJECT,
  parameters: OBJECT,
});

const thinkingConfig = closed([], {
  includeThoughts: bool,
  thinkingBudget: { type: 'integer', minimum: -1 },
  thinkingLevel: { enum: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] },
});

/** The body of a request. Source: ai.google.dev, API reference, `models.generateContent` and the types that it names. */
const request = closed(['contents'], {
  contents: listOf({ anyOf: [content('user'), content('model')] }, 1),
  systemInstruction: closed(['parts'], { role: TEXT, parts: listOf(part('text', TEXT), 1) }),
  tools: listOf(closed([], { functionDeclarations: listOf(declaration, 1) })),
  toolConfig: closed([], {
    functionCallingConfig: closed([], {
      mode: { enum: ['AUTO', 'ANY', 'NONE', 'VALIDATED'] },
      allowedFunctionNames: listOf(functionName, 1),
    }),
  }),
  safetySettings: listOf(closed(['category', 'threshold'], { category: TEXT, threshold: TEXT })),
  generationConfig: closed([], {
    maxOutputTokens: { type: 'integer', minimum: 1 },
    candidateCount: integer,
    temperature: { type: 'number', minimum: 0, maximum: 2 },
    topP: number,
    topK: number,
    seed: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
    presencePenalty: number,
    frequencyPenalty: number,
    stopSequences: { ...listOf({ type: 'string', minLength: 1 }), maxItems: 5 },
    responseMimeType: { enum: ['text/plain', 'application/json', 'text/x.enum'] },
    responseJsonSchema: OBJECT,
    responseLogprobs: bool,
    logprobs: { type: 'integer', minimum: 0, maximum: 20 },
    responseModalities: listOf(TEXT),
    thinkingConfig,
  }),
});

const validate = new Ajv({ strict: false }).compile(request);

/** Keywords of schemas. Source: ai.google.dev, API reference, `FunctionDeclaration.parametersJsonSchema`. */
const KEYWORDS = new Set([
  ...['$id', '$defs', '$ref', '$anchor', 'type', 'format', 'title', 'description', 'enum', 'items', 'prefixItems'],
  ...['minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties', 'additionalProperties', 'required'],
  // Google's own CLI sends it with every function
  ...['propertyOrdering', '$schema'],
]);

type Body = Readonly<Record<string, unknown>>;

/** What Gemini would refuse in a schema; undefined: nothing. */
export function geminiSchemaProblem(schema: unknown): string | undefined {
  const defined = Object.keys(((schema as Body | undefined)?.['$defs'] ?? {}) as object).map(
    (name) => `#/$defs/${name}`,
  );
  let problem: string | undefined;
  everySchema(schema, (inner) => {
    for (const keyword in inner) if (!KEYWORDS.has(keyword)) problem ??= `schemas do not support '${keyword}'`;
    const { $ref: target, enum: values, required, properties } = inner;
    if (target !== undefined) {
      if (!defined.includes(String(target))) problem ??= `reference to undefined schema ${String(target)}`;
      if (Object.keys(inner).some((keyword) => !keyword.startsWith('$'))) problem ??= 'a reference with siblings';
    }
    if (values !== undefined && !isEnum(values)) problem ??= 'enum[0]: cannot be empty';
    const known = Object.keys((properties ?? {}) as object);
    if (Array.isArray(required) && !required.every((name) => known.includes(name)))
      problem ??= 'required fields must be in properties';
  });
  return problem;
}

function isEnum(values: unknown): boolean {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.every((value) => value !== '' && /^(?:string|number)$/.test(typeof value))
  );
}

/** What Gemini would refuse in a body beside the order of its contents; undefined: nothing. */
export function geminiProblem(body: Body): string | undefined {
  if (!validate(body)) return JSON.stringify(validate.errors?.slice(0, 2));
  const tools = (body['tools'] ?? []) as { functionDeclarations?: Body[] }[];
  const declared = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations);
  for (const { parametersJsonSchema: schema } of declared) {
    if (schema === undefined) continue;
    if ((schema as Body)['type'] !== 'object') return 'parameters must be of type OBJECT';
    const problem = geminiSchemaProblem(schema);
    if (problem !== undefined) return problem;
  }
  const config = (body['generationConfig'] ?? {}) as Body;
  const problem = geminiSchemaProblem(config['responseJsonSchema']);
  if (problem !== undefined) return problem;
  const { mode, allowedFunctionNames: allowed } = ((body['toolConfig'] as Body | undefined)?.[
    'functionCallingConfig'
  ] ?? {}) as { mode?: string; allowedFunctionNames?: string[] };
  if (allowed && mode !== 'ANY' && mode !== 'VALIDATED') return 'allowed_function_names needs mode ANY or VALIDATED';
  if (allowed?.some((name) => !declared.some((tool) => tool['name'] === name)))
    return 'an allowed function is not declared';
  const thinking = config['thinkingConfig'] as Body | undefined;
  if (thinking?.['thinkingBudget'] !== undefined && thinking['thinkingLevel'] !== undefined)
    return 'thinking_budget and thinking_level are exclusive';
  return undefined;
}
