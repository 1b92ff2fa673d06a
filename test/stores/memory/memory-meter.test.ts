import { describe, test } from 'vitest';
import { memoryMeter } from '../../../src/stores/memory/memory-meter.js';
import { meterSuite } from '../../../src/testing/meter-suite.js';

describe('memoryMeter keeps the Meter contract', () => {
  meterSuite(test, { create: () => memoryMeter() });
});
