import { expect, test } from 'vitest';
import { toJsonSchema } from '../../src/gemini-api/to-json-schema.js';

test.each([
  [{ type: 'STRING', nullable: true }, { type: ['string', 'null'] }],
  [
    { type: 'STRING', enum: ['a'], nullable: true },
    { type: ['string', 'null'], enum: ['a', null] },
  ],
  [
    { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }], nullable: true },
    { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
  ],
  [{ anyOf: [{ type: 'STRING' }], nullable: false }, { anyOf: [{ type: 'string' }] }],
  [{ nullable: true, description: 'anything' }, { description: 'anything' }],
])('null stays possible where it was: %j is %j', (schema, expected) => {
  expect(toJsonSchema(schema)).toEqual(expected);
});
