import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

/** Validators for what the gateway emits, from the exact published OpenAI schemas. */
export interface OpenAISchemas {
  completion: ValidateFunction;
  chunk: ValidateFunction;
  error: ValidateFunction;
}

/** Compiles the exact (not the lenient) schemas of the shared folder. */
export function openaiSchemas(folder: string): OpenAISchemas {
  const { schemas } = JSON.parse(readFileSync(join(folder, 'openai-schemas.json'), 'utf8')) as {
    schemas: Record<string, object>;
  };
  const ajv = new Ajv({ strict: false, logger: false });
  const compile = (name: string) => ajv.compile(schemas[name] ?? false);
  return {
    completion: compile('CreateChatCompletionResponse'),
    chunk: compile('CreateChatCompletionStreamResponse'),
    error: compile('ErrorResponse'),
  };
}
