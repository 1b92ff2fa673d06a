import { describe, expect, it } from 'vitest';
import { withFields } from '../../src/lib/with-fields.js';

describe('withFields', () => {
  it('copies an object and replaces or adds fields', () => {
    const base = { model: 'gpt', stream: true };

    expect(withFields(base, { model: 'other', store: false })).toEqual({ model: 'other', stream: true, store: false });
    expect(base).toEqual({ model: 'gpt', stream: true });
  });
});
