/** Set up in every test file, and not by the logger itself: scripts outside Vitest start gateways with it too. */
import { afterAll, afterEach, expect } from 'vitest';
import { takeErrors } from './test-logger.js';

function expectNone(): void {
  expect(takeErrors(), 'errors that no test asked for').toEqual([]);
}

afterEach(expectNone);
afterAll(expectNone);
