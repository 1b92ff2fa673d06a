import { expect, test } from 'vitest';
import { ConversationWorld } from './run-conversations.js';

/** `CONVERSATIONS` plays another number, `ABUSE_SEED` others, `ABUSE_MODELS` asks these alone: one is the same for the same seed, in a world that is as old. */
const CASES = Number(process.env['CONVERSATIONS'] ?? 3_000);
const FIRST_SEED = Number(process.env['ABUSE_SEED'] ?? 1);
/** What a world's servers have learned, and what its accounts left, is there for the next ones. */
const PER_WORLD = 100;

test(`${CASES.toLocaleString('en')} conversations that name what earlier answers left spend nothing that is not there`, {
  timeout: 3_600_000,
}, async () => {
  console.log(`seeds ${FIRST_SEED} to ${FIRST_SEED + CASES - 1}`);
  const counts = { sent: 0, left: 0, answered: 0, refused: 0 };
  const wrong: string[] = [];
  let world = new ConversationWorld();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
    if ((seed - FIRST_SEED) % PER_WORLD === PER_WORLD - 1) {
      await world.close();
      world = new ConversationWorld();
    }
    const outcome = await world.play(seed);
    counts.sent += outcome.sent;
    counts.left += outcome.left ? 1 : 0;
    counts.answered += outcome.statuses.filter((status) => status === 200).length;
    counts.refused += outcome.statuses.filter((status) => status === 400 || status === 403).length;
    if (outcome.wrong !== undefined) wrong.push(`seed ${seed}: ${outcome.wrong}`);
  }
  await world.close();
  console.log(`${counts.sent} sent, ${counts.left} left, ${counts.answered} answered, ${counts.refused} refused`);
  expect(wrong).toEqual([]);
  // Otherwise nothing was attacked.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(CASES / 25);
});
