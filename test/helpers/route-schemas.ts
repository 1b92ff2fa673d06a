import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schemas = JSON.parse(readFileSync(new URL('../schemas/openai-routes.json', import.meta.url), 'utf8')) as {
  $defs: { CreateChatCompletionRequest: { properties: object } };
};
const ajv = new Ajv2020({ strict: false, logger: false });
ajv.addSchema(schemas);

/** What is wrong with a value by OpenAI's published schema of this name; an empty text when nothing is. */
export function problemIn(
  schema:
    | 'CreateChatCompletionResponse'
    | 'CreateChatCompletionStreamResponse'
    | 'ErrorResponse'
    | 'Response'
    | 'ResponseStreamEvent'
    | 'CreateCompletionResponse'
    | 'CreateEmbeddingResponse'
    | 'CompactionBody',
  value: unknown,
): string {
  const validate = ajv.getSchema(`https://metask-gateway.test/openai-routes.json#/$defs/${schema}`);
  if (!validate) throw new Error(`no schema ${schema}`);
  return validate(value) ? '' : `${ajv.errorsText(validate.errors)} in ${JSON.stringify(value).slice(0, 400)}`;
}

/** The fields that OpenAI publishes for the request of chat/completions. */
export const publishedRequestFields: readonly string[] = Object.keys(
  schemas.$defs.CreateChatCompletionRequest.properties,
);
