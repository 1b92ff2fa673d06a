import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toInputSchema } from '../../src/providers/anthropic/to-tools.js';
import { toParametersSchema, toSchema } from '../../src/providers/google/to-schema.js';
import { enforcedSchemaProblem, inputSchemaProblem } from '../helpers/strict-anthropic.js';
import { geminiSchemaProblem } from '../helpers/strict-gemini.js';
import { bodyOf } from '../providers/anthropic/native-request.js';

type Schema = Record<string, unknown>;

const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Schema>(
      { type: 'string' },
      { type: ['string', 'null'] },
      { type: 'string', enum: ['', 'a'] },
      { enum: [] },
      { const: '' },
      { $ref: '#/$defs/A' },
      { $ref: '#/$defs/Missing', description: 'x' },
      { $ref: '#' },
      { type: 'string', pattern: '^a', minLength: 1, maxLength: 9, format: 'email' },
      { type: 'string', format: 'uri-reference', contentEncoding: 'base64' },
      { type: 'integer', minimum: 0, exclusiveMaximum: 9, multipleOf: 3, default: 3 },
      { type: ['integer', 'string', 'null'], enum: [1, 'a', null, true] },
      { const: 3 },
      { const: null },
      { type: 'array' },
      { type: 'array', items: true, minItems: 2, uniqueItems: true },
      { type: 'array', prefixItems: [{ type: 'string' }], items: false },
      { type: 'array', items: [{ type: 'string' }, { type: 'number' }] },
      { type: 'object' },
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'object', required: ['gone'], properties: { a: { type: 'string' } } },
      { type: 'object', patternProperties: { '^x': { type: 'string' } }, minProperties: 1 },
      { not: { type: 'string' } },
      { nullable: true, type: 'string', examples: ['a'], $comment: 'c', deprecated: true },
      {},
    ),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }), description: fc.constant('one') }),
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
  ),
}));
const root = fc
  .record({
    type: fc.constant('object'),
    properties: fc.dictionary(fc.constantFrom('a', 'b'), schema),
    anyOf: fc.option(fc.array(schema, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    $defs: fc.record({ A: schema }),
  })
  .map((value) => JSON.parse(JSON.stringify(value)) as Schema);

/** Schemas that OpenAI takes for output: an object at the root, closed and with all fields required where it is strict. */
const format = (schema: Schema, strict: boolean) =>
  ({ type: 'json_schema', json_schema: { name: 'x', schema, strict } }) as const;

describe('any schema that OpenAI takes', () => {
  it('is in the published subset of Gemini, as parameters and as output', () => {
    fc.assert(
      fc.property(root, (schema) => {
        expect(geminiSchemaProblem(toParametersSchema(schema))).toBeUndefined();
        expect(geminiSchemaProblem(toSchema(schema))).toBeUndefined();
      }),
      { numRuns: 200, seed: 20_261_128 },
    );
  });

  it('is an object of one piece as parameters at Claude, and one that can be enforced where that is asked for', () => {
    fc.assert(
      fc.property(root, fc.boolean(), (parameters, strict) => {
        expect(inputSchemaProblem(toInputSchema(parameters))).toBeUndefined();
        const tools = [{ type: 'function', function: { name: 'f', parameters, strict } }] as const;
        const { tools: [native] = [] } = bodyOf({ messages: [{ role: 'user', content: 'hi' }], tools: [...tools] });
        const schema = (native as unknown as { input_schema: Schema }).input_schema;
        expect(inputSchemaProblem(schema)).toBeUndefined();
        if ((native as { strict?: boolean }).strict) expect(enforcedSchemaProblem(schema)).toBeUndefined();
      }),
      { numRuns: 200, seed: 20_261_128 },
    );
  });

  it('is enforced as output of Claude, or the input of a tool that stands in', () => {
    fc.assert(
      fc.property(root, fc.boolean(), (schema, strict) => {
        const body = bodyOf({ messages: [{ role: 'user', content: 'hi' }], response_format: format(schema, strict) });
        const output = (body.output_config as { format?: { schema: Schema } } | undefined)?.format;
        const stand = body.tools?.[0] as unknown as { input_schema: Schema } | undefined;
        if (output) expect(enforcedSchemaProblem(output.schema)).toBeUndefined();
        else expect(inputSchemaProblem(stand?.input_schema ?? {})).toBeUndefined();
      }),
      { numRuns: 200, seed: 20_261_128 },
    );
  });
});
