import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toParametersSchema, toSchema } from '../../../src/providers/google/to-schema.js';

describe('a JSON Schema for Gemini', () => {
  it.each<[string, object, object]>([
    [
      'keeps what is accepted',
      {
        type: 'object',
        title: 'T',
        properties: { a: { type: ['string', 'null'] } },
        required: ['a'],
        additionalProperties: false,
      },
      {
        type: 'object',
        title: 'T',
        properties: { a: { type: ['string', 'null'] } },
        required: ['a'],
        additionalProperties: false,
      },
    ],
    ['loses $schema and examples', { $schema: 'x', examples: [1], type: 'string' }, { type: 'string' }],
    ['turns const into enum', { const: 'a' }, { type: 'string', enum: ['a'] }],
    ['keeps numbers in enum', { type: 'integer', enum: [1, 2] }, { type: 'integer', enum: [1, 2] }],
    ['turns null in an enum into a type', { enum: ['a', null] }, { type: ['string', 'null'], enum: ['a'] }],
    ['turns const null into a type', { const: null }, { type: 'null' }],
    ['describes constants of other types', { const: true }, { type: 'boolean', description: 'Allowed values: true.' }],
    [
      'moves exclusive bounds of integers',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: 'integer', minimum: 1, maximum: 9 },
    ],
    [
      'describes exclusive bounds of numbers',
      { type: 'number', exclusiveMinimum: 0 },
      { type: 'number', minimum: 0, description: 'Must not be 0.' },
    ],
    ['keeps known formats', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
    [
      'describes other formats',
      { type: 'string', format: 'email', description: 'Mail.' },
      { type: 'string', description: 'Mail. Format: email.' },
    ],
    [
      'describes other constraints',
      { type: 'string', pattern: '^a$', minLength: 2 },
      { type: 'string', description: 'pattern: ^a$. minLength: 2.' },
    ],
    [
      'renames definitions',
      { items: { $ref: '#/definitions/A' }, definitions: { A: { const: 1 } }, title: 'x' },
      { items: { $ref: '#/$defs/A' }, $defs: { A: { enum: [1] } }, title: 'x' },
    ],
    [
      'puts a definition in the place of the root that refers to it',
      { $ref: '#/definitions/A', definitions: { A: { const: 1 } }, title: 'x' },
      { enum: [1], title: 'x' },
    ],
    [
      'leaves a reference alone',
      { properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { type: 'string' } } },
      { properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { type: 'string' } } },
    ],
    [
      'keeps what is said beside a reference',
      { properties: { a: { $ref: '#/$defs/A', description: 'x' } }, $defs: { A: { type: 'string' } } },
      { properties: { a: { type: 'string', description: 'x' } }, $defs: { A: { type: 'string' } } },
    ],
    [
      'takes any value for what is not defined',
      { properties: { a: { $ref: '#/$defs/A' } } },
      { properties: { a: { description: 'Refers to #/$defs/A, which is not defined.' } } },
    ],
    [
      'turns tuples into prefixItems',
      { type: 'array', items: [{ const: 'a' }, true] },
      { type: 'array', prefixItems: [{ type: 'string', enum: ['a'] }, {}] },
    ],
    ['understands nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'folds allOf',
      {
        allOf: [
          { type: 'object', properties: { a: {} }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
        description: 'D',
      },
      { description: 'D', type: 'object', properties: { a: {}, b: {} }, required: ['a', 'b'] },
    ],
    [
      'folds what a reference in allOf names',
      { allOf: [{ $ref: '#/$defs/A' }], description: 'D', $defs: { A: { type: 'string', description: 'A' } } },
      { type: 'string', description: 'D' },
    ],
    [
      'goes into every branch',
      { anyOf: [{ const: 'a' }], items: { const: 'b' }, additionalProperties: { const: 'c' } },
      {
        anyOf: [{ type: 'string', enum: ['a'] }],
        items: { type: 'string', enum: ['b'] },
        additionalProperties: { type: 'string', enum: ['c'] },
      },
    ],
    [
      'takes properties by any name',
      { properties: { const: { type: 'string' }, $schema: { type: 'string' } } },
      { properties: { const: { type: 'string' }, $schema: { type: 'string' } } },
    ],
    ['ignores vendor extensions', { 'x-order': 1, type: 'string' }, { type: 'string' }],
  ])('%s', (_, schema, expected) => {
    expect(toSchema(schema)).toEqual(expected);
  });

  it('of parameters is an object schema or nothing', () => {
    expect(toParametersSchema(undefined)).toBeUndefined();
    expect(toParametersSchema({})).toBeUndefined();
    expect(toParametersSchema({ properties: { a: {} } })).toEqual({ type: 'object', properties: { a: {} } });
    expect(toParametersSchema({ type: 'object', properties: {} })).toEqual({ type: 'object', properties: {} });
  });

  const ACCEPTED = new Set(
    '$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum maximum anyOf oneOf properties additionalProperties required propertyOrdering'.split(
      ' ',
    ),
  );

  it('holds accepted keywords alone, whatever goes in', () => {
    const { schema } = fc.letrec((tie) => ({
      schema: fc
        .dictionary(
          fc.constantFrom(
            'type',
            'const',
            'enum',
            'pattern',
            'format',
            'not',
            'if',
            '$schema',
            'uniqueItems',
            'default',
            'minimum',
          ),
          fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string())),
        )
        .chain((flat) =>
          fc
            .record(
              {
                items: tie('leaf'),
                properties: fc.dictionary(fc.string(), tie('leaf')),
                anyOf: fc.array(tie('leaf'), { maxLength: 2 }),
              },
              { requiredKeys: [] },
            )
            .map((nested) => ({ ...flat, ...nested })),
        ),
      leaf: fc.oneof(
        { depthSize: 'small' },
        fc.constant({ type: 'string' }),
        fc.constant({ const: 5, multipleOf: 2 }),
        tie('schema'),
      ),
    }));
    fc.assert(
      fc.property(schema, (input) => {
        expectAccepted(toSchema(input));
      }),
      { numRuns: 200 },
    );
  });

  function expectAccepted(schema: unknown): void {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [keyword, value] of Object.entries(schema)) {
      expect(ACCEPTED).toContain(keyword);
      if (keyword === 'properties' || keyword === '$defs') Object.values(value as object).forEach(expectAccepted);
      if (keyword === 'items' || keyword === 'additionalProperties') expectAccepted(value);
      if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'prefixItems')
        (value as unknown[]).forEach(expectAccepted);
    }
  }
});
