import { expect, test } from 'vitest';
import { ReportQueue } from '../../src/stores/report-queue.js';
import { eventually } from '../helpers/eventually.js';

/** A report that ends when it is told to. */
function report(log: string[], name: string) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = async () => {
    log.push(name);
    await ended;
    return `${name} ${log.length}`;
  };
  return { work, end };
}

test('reports that ask the same while they wait are one, which begins after all of them have asked', async () => {
  const log: string[] = [];
  const queue = new ReportQueue(1, 60_000, () => 0);
  const [first, second] = [report(log, 'first'), report(log, 'second')];
  const running = queue.run('a', first.work);
  await Promise.resolve();
  const waiting = [queue.run('a', second.work), queue.run('b', report(log, 'other').work), queue.run('a', second.work)];
  expect(log).toEqual(['first']);
  first.end();
  second.end();
  expect(await running).toBe('first 1');
  expect(await Promise.all([waiting[0], waiting[2]])).toEqual(['second 2', 'second 2']);
  expect(log.filter((name) => name === 'second')).toHaveLength(1);
});

test('a report that fails gives its place to the next; one whose turn does not come is refused', async () => {
  const queue = new ReportQueue(1, 20, () => 0);
  await expect(queue.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await queue.run('a', async () => 'well')).toBe('well');
  const long = report([], 'long');
  const running = queue.run('b', long.work);
  await expect(queue.run('c', async () => 'late')).rejects.toMatchObject({ code: 'service_unavailable' });
  long.end();
  expect(await running).toBe('long 1');
});

test('the next report follows at once where nothing was written meanwhile; beside requests there is a pause', async () => {
  let writes = 0;
  const log: string[] = [];
  const queue = new ReportQueue(1, 60_000, () => writes);
  const turns = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  const [quiet, busy] = [report(log, 'quiet'), report(log, 'busy')];
  const reports = [queue.run('a', quiet.work), queue.run('b', busy.work), queue.run('c', report(log, 'last').work)];
  quiet.end();
  await turns();
  expect(log).toEqual(['quiet', 'busy']);
  const began = performance.now();
  while (performance.now() - began < 2) writes += 1;
  busy.end();
  await reports[1];
  await turns();
  expect(log).toEqual(['quiet', 'busy']);
  await eventually(() => log.length === 3);
});
