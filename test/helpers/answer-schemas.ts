import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { sharedFolder } from './shared.js';

/** Validators of OpenAI's published schemas, exactly as published. */
export interface AnswerSchemas {
  completion(value: unknown): string;
  chunk(value: unknown): string;
  error(value: unknown): string;
}

/** The schemas from the shared folder; each check returns what is wrong, or an empty text. */
export function answerSchemas(): AnswerSchemas | undefined {
  const folder = sharedFolder();
  if (folder === undefined) return undefined;
  const { schemas } = JSON.parse(readFileSync(join(folder, 'openai-schemas.json'), 'utf8')) as {
    schemas: Record<string, object>;
  };
  const ajv = new Ajv({ strict: false, allErrors: false });
  const check = (name: string) => {
    const validate = ajv.compile(schemas[name] as object);
    return (value: unknown) => problem(ajv, validate, value);
  };
  return {
    completion: check('CreateChatCompletionResponse'),
    chunk: check('CreateChatCompletionStreamResponse'),
    error: check('ErrorResponse'),
  };
}

function problem(ajv: Ajv, validate: ValidateFunction, value: unknown): string {
  return validate(value) ? '' : `${ajv.errorsText(validate.errors)} in ${JSON.stringify(value).slice(0, 300)}`;
}
