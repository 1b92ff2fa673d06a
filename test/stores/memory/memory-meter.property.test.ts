import fc from 'fast-check';
import { describe, test } from 'vitest';
import { memoryMeter } from '../../../src/stores/memory/memory-meter.js';
import { type MeterCommand, MeterModel, MODEL_ACCOUNTS } from '../../../src/testing/meter-model.js';

const request = fc.integer({ min: 0, max: 12 });
const account = fc.integer({ min: 0, max: MODEL_ACCOUNTS - 1 });

const commands: fc.Arbitrary<MeterCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        request,
        minimum: fc.integer({ min: 0, max: 40 }),
        more: fc.integer({ min: 0, max: 60 }),
        budget: fc.constantFrom(undefined, 60, 200),
      })
      .map(({ more, ...rest }) => ({ type: 'reserve' as const, ...rest, amount: rest.minimum + more })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('settle' as const), request, tokens: fc.integer({ min: 0, max: 80 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('release' as const), request }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('expire' as const), after: fc.integer({ min: 0, max: 14 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('credit' as const),
      account,
      payment: fc.integer({ min: 0, max: 5 }),
      amount: fc.integer({ min: -60, max: 120 }).filter((amount) => amount !== 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('redeem' as const), account, code: fc.integer({ min: 0, max: 2 }) }),
  },
);

describe('any interleaving of reserve, settle, release, expire, credit and redeem', () => {
  test('agrees with the model after every step, and the books balance at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commands, { maxLength: 60 }), async (story) => {
        const model = new MeterModel(memoryMeter());
        await model.start();
        for (const command of story) await model.play(command);
        await model.finish();
      }),
      { numRuns: 300 },
    );
  });
});
