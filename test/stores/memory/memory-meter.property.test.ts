import fc from 'fast-check';
import { describe, test } from 'vitest';
import { memoryMeter } from '../../../src/stores/memory/memory-meter.js';
import { type MeterCommand, MeterModel, MODEL_ACCOUNTS, MODEL_PLANS } from '../../../src/testing/meter-model.js';

const type = <T extends string>(name: T) => fc.constant(name);
const request = fc.integer({ min: 0, max: 12 });
const account = fc.integer({ min: 0, max: MODEL_ACCOUNTS - 1 });
const payment = fc.integer({ min: 0, max: 5 });
const tokens = fc.integer({ min: 0, max: 80 });

const commands: fc.Arbitrary<MeterCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ request, minimum: fc.integer({ min: 0, max: 40 }), more: fc.integer({ min: 0, max: 60 }) })
      .map(({ more, ...rest }) => ({ type: 'reserve' as const, ...rest, amount: rest.minimum + more })),
  },
  { weight: 3, arbitrary: fc.record({ type: type('settle'), request, tokens, fresh: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('release', 'extend', 'refund'), request }) },
  { weight: 1, arbitrary: fc.constant({ type: 'expire' as const }) },
  { weight: 2, arbitrary: fc.record({ type: type('pass'), minutes: fc.constantFrom(1, 2, 60, 299, 1_440) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('credit'),
      account,
      payment,
      amount: fc.integer({ min: -60, max: 120 }).filter((amount) => amount !== 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: type('grant'), account, payment, hours: fc.constantFrom(undefined, 1, 2, 5) }),
  },
  { weight: 1, arbitrary: fc.record({ type: type('redeem'), account, code: fc.integer({ min: 0, max: 2 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: type('plan'), account, plan: fc.integer({ min: 0, max: MODEL_PLANS - 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: type('budget'), account, limit: fc.constantFrom(undefined, 60, 150) }) },
) as fc.Arbitrary<MeterCommand>;

describe('any interleaving of holds, charges, credits, grants, refunds, windows, plans and budgets', () => {
  test('agrees with the reference after every step, and the books balance at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commands, { maxLength: 80 }), async (story) => {
        const model = new MeterModel(memoryMeter());
        await model.start();
        for (const command of story) await model.play(command);
        await model.finish();
      }),
      { numRuns: 300 },
    );
  });
});
