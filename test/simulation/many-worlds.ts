import { expect, test } from 'vitest';
import { World } from './world.js';

const PER_WORLD = 2_500;
/** The files among which the worlds are split, so that they run beside each other. */
const PARTS = 4;
/** `SIMULATED_REQUESTS=10000000` runs more of them, `SIMULATION_SEED` others. */
const REQUESTS = Number(process.env['SIMULATED_REQUESTS'] ?? 1_000_000);
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);
const WORLDS = Math.ceil(REQUESTS / PER_WORLD / PARTS);

/** Runs one part of the worlds, each with a seed of its own. @param part from 0. */
export function testWorlds(part: number): void {
  const first = FIRST_SEED + part * WORLDS;
  const last = first + WORLDS - 1;
  const requests = WORLDS * PER_WORLD;
  test(`${requests.toLocaleString('en')} requests in the worlds of seeds ${first} to ${last} keep every book`, {
    timeout: 3_600_000,
  }, async () => {
    console.log(`seeds ${first} to ${last}, ${PER_WORLD} requests each`);
    let [answered, crashes, steps] = [0, 0, 0];
    for (let seed = first; seed <= last; seed++) {
      const report = await new World({ seed, requests: PER_WORLD }).run();
      answered += report.answered;
      crashes += report.crashes;
      steps += report.steps;
    }
    console.log(`${steps} steps, ${answered} answers, ${crashes} crashes`);
    expect(answered).toBeGreaterThan(requests / 5);
    expect(crashes).toBeGreaterThan(WORLDS);
  });
}
