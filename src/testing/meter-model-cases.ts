import type { FullMeter } from '../meter/meter.js';
import { type MeterCommand, MeterModel, MODEL_ACCOUNTS, MODEL_PLANS } from './meter-model.js';
import { type SeededRandom, seededRandom } from './seeded-random.js';
import type { SuiteCase } from './suite.js';

/** Random stories, the same in each run, played by the meter and by the reference of its contract. */
export const modelCases: readonly SuiteCase<FullMeter>[] = [1, 2, 3, 4].map((seed) => ({
  name: `a random story agrees with the reference of the contract (seed ${seed})`,
  async run(meter) {
    const random = seededRandom(seed);
    const model = new MeterModel(meter);
    await model.start();
    for (let step = 0; step < 150; step++) await model.play(randomCommand(random));
    await model.finish();
  },
}));

const TYPES = [
  ...(['reserve', 'reserve', 'reserve', 'reserve', 'settle', 'settle', 'settle', 'release', 'extend'] as const),
  ...(['expire', 'pass', 'credit', 'credit', 'grant', 'refund', 'redeem', 'plan', 'budget'] as const),
];

/** One command, by chance. */
export function randomCommand(random: SeededRandom): MeterCommand {
  const [account, request] = [random.integer(0, MODEL_ACCOUNTS - 1), random.integer(0, 40)];
  const type = random.pick(TYPES);
  switch (type) {
    case 'reserve': {
      const minimum = random.integer(0, 30);
      return { type, request, minimum, amount: minimum + random.integer(0, 40) };
    }
    case 'settle':
      return { type, request, tokens: random.integer(0, 60), fresh: random.next() < 0.5 };
    case 'release':
    case 'extend':
    case 'refund':
      return { type, request };
    case 'expire':
      return { type };
    case 'pass':
      return { type, minutes: random.pick([1, 1, 3, 60, 299, 1_440]) };
    case 'credit':
      return { type, account, payment: random.integer(0, 12), amount: random.pick([-30, -5, 20, 50, 100]) };
    case 'grant':
      return { type, account, payment: random.integer(0, 12), hours: random.pick([undefined, 1, 2, 5]) };
    case 'redeem':
      return { type, account, code: random.integer(0, 2) };
    case 'plan':
      return { type, account, plan: random.integer(0, MODEL_PLANS - 1) };
    case 'budget':
      return { type, account, limit: random.pick([undefined, undefined, 60, 150]) };
  }
}
