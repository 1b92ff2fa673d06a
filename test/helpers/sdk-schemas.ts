import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

type AnthropicType = 'MessageAnswer' | 'MessageEvent' | 'TokensCounted' | 'ErrorAnswer' | 'ModelAnswer' | 'ModelPage';
type GeminiType = 'GenerateContentAnswer' | 'CountTokensAnswer' | 'GeminiModel' | 'GeminiError';

const ajv = new Ajv({ strict: false, logger: false });
for (const name of ['anthropic', 'gemini']) {
  ajv.addSchema(JSON.parse(readFileSync(new URL(`../schemas/${name}.json`, import.meta.url), 'utf8')) as object);
}

/** What is wrong with a value by the types of Anthropic's SDK; an empty text when nothing is. */
export function anthropicProblem(type: AnthropicType, value: unknown): string {
  return problem(`anthropic.json#/definitions/${type}`, type === 'MessageEvent' ? { event: value } : value);
}

/** What is wrong with a value by the types of Google's SDK; an empty text when nothing is. */
export function geminiProblem(type: GeminiType, value: unknown): string {
  return problem(`gemini.json#/definitions/${type}`, value);
}

function problem(reference: string, value: unknown): string {
  const validate = ajv.getSchema(`https://metask-gateway.test/${reference}`);
  if (!validate) throw new Error(`no schema ${reference}`);
  if (validate(value)) return '';
  const extra = validate.errors?.map(({ params }) => JSON.stringify(params)).join(' ');
  return `${ajv.errorsText(validate.errors)} ${extra} in ${JSON.stringify(value).slice(0, 600)}`;
}
