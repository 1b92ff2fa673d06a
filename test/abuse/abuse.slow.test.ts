import { expect, test } from 'vitest';
import { AbuseWorld } from './run-cases.js';

/**
 * `ABUSE_CASES` plays another number, `ABUSE_SEED` others, `ABUSE_MODELS` asks these alone: a case is the same for the same seed
 * and the same models.
 */
const CASES = Number(process.env['ABUSE_CASES'] ?? 100_000);
const FIRST_SEED = Number(process.env['ABUSE_SEED'] ?? 1);
/** A world keeps every account and event of its cases. */
const PER_WORLD = 2_000;

test(`${CASES.toLocaleString('en')} ways to be billed for more than was paid for spend nothing that is not there`, {
  timeout: 3_600_000,
}, async () => {
  console.log(`seeds ${FIRST_SEED} to ${FIRST_SEED + CASES - 1}`);
  const counts = { sent: 0, left: 0, answered: 0, refused: 0 };
  const wrong: string[] = [];
  let world = new AbuseWorld();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
    if (seed % PER_WORLD === 0) {
      await world.gateway.close({ deadlineMs: 0 });
      world = new AbuseWorld();
    }
    const outcome = await world.play(seed);
    counts.sent += outcome.sent;
    counts.left += outcome.left ? 1 : 0;
    counts.answered += outcome.statuses.filter((status) => status === 200).length;
    counts.refused += outcome.statuses.filter((status) => status === 400 || status === 403).length;
    if (outcome.wrong !== undefined) wrong.push(`seed ${seed}: ${outcome.wrong}`);
  }
  await world.gateway.close({ deadlineMs: 0 });
  console.log(`${counts.sent} sent, ${counts.left} left, ${counts.answered} answered, ${counts.refused} refused`);
  expect(wrong).toEqual([]);
  // Otherwise nothing was attacked.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(CASES / 25);
});
