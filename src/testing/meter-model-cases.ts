import type { FullMeter } from '../meter/meter.js';
import { type MeterCommand, MeterModel, MODEL_ACCOUNTS } from './meter-model.js';
import { type SeededRandom, seededRandom } from './seeded-random.js';
import type { SuiteCase } from './suite.js';

/** Random stories, the same in each run, told by the meter and by a small model of it. */
export const modelCases: readonly SuiteCase<FullMeter>[] = [1, 2, 3].map((seed) => ({
  name: `a random story agrees with the model of the contract (seed ${seed})`,
  async run(meter) {
    const random = seededRandom(seed);
    const model = new MeterModel(meter);
    await model.start();
    for (let step = 0; step < 80; step++) await model.play(randomCommand(random));
    await model.finish();
  },
}));

function randomCommand(random: SeededRandom): MeterCommand {
  const [account, request] = [random.integer(0, MODEL_ACCOUNTS - 1), random.integer(0, 30)];
  const type = random.pick(['reserve', 'reserve', 'settle', 'release', 'expire', 'credit', 'redeem'] as const);
  if (type === 'reserve') {
    const minimum = random.integer(0, 40);
    const budget = random.pick([undefined, 60, 200]);
    return { type, request, minimum, amount: minimum + random.integer(0, 60), budget };
  }
  if (type === 'settle') return { type, request, tokens: random.integer(0, 50) };
  if (type === 'release') return { type, request };
  if (type === 'expire') return { type, after: random.integer(0, 12) };
  if (type === 'credit') {
    const amount = random.pick([-30, -5, 20, 50, 100]);
    return { type, account, payment: random.integer(0, 8), amount };
  }
  return { type, account, code: random.integer(0, 2) };
}
