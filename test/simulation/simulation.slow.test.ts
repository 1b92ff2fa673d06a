import { expect, test } from 'vitest';
import { World } from './world.js';

const PER_WORLD = 2_500;
/** `SIMULATED_REQUESTS=1000000` runs more of them, `SIMULATION_SEED` others. */
const REQUESTS = Number(process.env['SIMULATED_REQUESTS'] ?? 300_000);
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);
const WORLDS = Math.ceil(REQUESTS / PER_WORLD);

test(`${REQUESTS.toLocaleString('en')} requests in worlds of their own keep every book`, {
  timeout: 3_600_000,
}, async () => {
  const last = FIRST_SEED + WORLDS - 1;
  console.log(`seeds ${FIRST_SEED} to ${last}, ${PER_WORLD} requests each`);
  let [answered, crashes, steps] = [0, 0, 0];
  for (let seed = FIRST_SEED; seed <= last; seed++) {
    const report = await new World({ seed, requests: PER_WORLD }).run();
    answered += report.answered;
    crashes += report.crashes;
    steps += report.steps;
  }
  console.log(`${steps} steps, ${answered} answers, ${crashes} crashes`);
  expect(answered).toBeGreaterThan(REQUESTS / 5);
  expect(crashes).toBeGreaterThan(WORLDS);
});
