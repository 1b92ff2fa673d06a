import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toInputSchema } from '../../src/providers/anthropic/to-tools.js';
import { toParametersSchema } from '../../src/providers/google/to-schema.js';

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
    ),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
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

function everySchema(value: unknown, visit: (schema: Schema) => void): void {
  if (Array.isArray(value)) for (const item of value) everySchema(item, visit);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  visit(value as Schema);
  for (const inner of Object.values(value)) everySchema(inner, visit);
}

describe('any schema of function parameters', () => {
  it('has at Gemini references that are defined, and enumerations of texts that are not empty', () => {
    fc.assert(
      fc.property(root, (parameters) => {
        const native = toParametersSchema(parameters) as Schema;
        const defined = Object.keys((native['$defs'] as Schema | undefined) ?? {});
        everySchema(native, (inner) => {
          if (typeof inner['$ref'] === 'string') expect(defined).toContain(inner['$ref'].replace('#/$defs/', ''));
          if (Array.isArray(inner['enum'])) {
            expect(inner['enum'].length).toBeGreaterThan(0);
            expect(inner['enum']).not.toContain('');
          }
          expect(inner).not.toHaveProperty('allOf');
        });
      }),
    );
  });

  it('is an object of one piece at Claude', () => {
    fc.assert(
      fc.property(root, (parameters) => {
        const native = toInputSchema(parameters);
        expect(native['type']).toBe('object');
        for (const keyword of ['$ref', 'anyOf', 'oneOf', 'allOf']) expect(native).not.toHaveProperty(keyword);
      }),
    );
  });
});
