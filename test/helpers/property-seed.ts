/**
 * Set up in every test file: property tests draw the same cases in every run, so that a change is judged by what it
 * changes. `FC_SEED` draws others: a number, or `random`.
 */
import fc from 'fast-check';

const wanted = process.env.FC_SEED;

if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted ?? 20_261_130) });
