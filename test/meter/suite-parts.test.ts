import { describe, test } from 'vitest';
import type { Meter } from '../../src/index.js';
import { memoryMeter } from '../../src/stores/memory/memory-meter.js';
import { type MeterPart, meterSuite } from '../../src/testing/index.js';

/** The methods of each part that a meter may lack. */
const METHODS: Readonly<Record<MeterPart, readonly (keyof Meter)[]>> = {
  grants: ['grant', 'refund', 'funds', 'fundsOfAll', 'budget'],
  promoCodes: ['createPromoCode', 'listPromoCodes', 'disablePromoCode', 'redeem'],
  notices: ['addNotice', 'takeNotices', 'endNotice', 'retryNotice'],
};

function memoryMeterWith(parts: readonly MeterPart[]): Meter {
  const meter: Record<string, unknown> = { ...memoryMeter() };
  for (const part of Object.keys(METHODS) as MeterPart[]) {
    if (!parts.includes(part)) for (const name of METHODS[part]) delete meter[name];
  }
  return meter as unknown as Meter;
}

const PARTS: readonly (readonly MeterPart[])[] = [[], ['grants'], ['promoCodes'], ['grants', 'notices']];

describe.each(PARTS.map((parts) => [parts.join(' and ') || 'no optional part', parts] as const))(
  'the suite asks a meter with %s for nothing else',
  (_, parts) => {
    meterSuite(test, { create: () => memoryMeterWith(parts), parts });
  },
);
