import { afterAll, afterEach, expect } from 'vitest';
import type { Logger } from '../../src/index.js';

const errors: { readonly message: string; readonly fields: object }[] = [];

/** Drops every line but errors: a test fails that logs one and does not ask for it by `loggedErrors`. */
export const testLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error(fields, message) {
    errors.push({ message, fields });
  },
};

/** The messages of the errors that were logged since this was last asked, oldest first. */
export function loggedErrors(): string[] {
  return errors.splice(0).map(({ message }) => message);
}

function expectNone(): void {
  expect(errors.splice(0), 'errors that no test asked for').toEqual([]);
}

afterEach(expectNone);
afterAll(expectNone);
