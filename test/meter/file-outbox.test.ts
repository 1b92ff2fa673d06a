import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileOutbox } from '../../src/meter/file-outbox.js';
import { settlementOf } from '../helpers/settlements.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-outbox-'));
  path = join(folder, 'outbox.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What a new process finds in the file. */
async function found() {
  const outbox = fileOutbox(path);
  const pending = await outbox.pending();
  await outbox.close?.();
  return pending;
}

/** A file beside that of the outbox. */
function writtenBeside(content: string): string {
  writeFileSync(`${path}.other`, content);
  return `${path}.other`;
}

const lines = () => readFileSync(path, 'utf8').split('\n').filter(Boolean);

describe('the file outbox', () => {
  test('gives every settlement back after a restart, exact to the last digit', async () => {
    const first = settlementOf('req_1', {
      cost: 2n ** 62n,
      budgets: [{ subject: 'key:key_1', window: '2026-11', limit: 2n ** 63n - 1n }],
      endUser: 'nano:5',
      thresholds: { balance: [5n], budget: [800_000] },
    });
    const before = fileOutbox(path);
    await Promise.all([before.append(first), before.append(settlementOf('req_2'))]);
    await before.close?.();
    expect(await found()).toEqual([first, settlementOf('req_2')]);
  });

  test('forgets what was removed, also after a restart', async () => {
    const before = fileOutbox(path);
    await before.append(settlementOf('req_1'));
    await before.append(settlementOf('req_2'));
    await before.remove(['req_1', 'req_unknown']);
    expect(await before.pending()).toEqual([settlementOf('req_2')]);
    await before.close?.();
    expect(await found()).toEqual([settlementOf('req_2')]);
  });

  test('keeps a settlement once, however often it is appended', async () => {
    const outbox = fileOutbox(path);
    await outbox.append(settlementOf('req_1'));
    await outbox.append(settlementOf('req_1'));
    expect(await outbox.pending()).toHaveLength(1);
    await outbox.close?.();
    expect(await found()).toHaveLength(1);
  });

  test('passes over a last line that a crash cut at any byte, and appends after it', async () => {
    const outbox = fileOutbox(path);
    await outbox.append(settlementOf('req_1'));
    const whole = readFileSync(path).length;
    await outbox.append(settlementOf('req_2'));
    await outbox.close?.();
    const content = readFileSync(path);
    for (let size = whole + 1; size < content.length; size += 7) {
      writeFileSync(path, content);
      truncateSync(path, size);
      const after = fileOutbox(path);
      await after.append(settlementOf('req_3'));
      await after.close?.();
      expect((await found()).map(({ id }) => id)).toEqual(['req_1', 'req_3']);
    }
  });

  test('refuses a file with an unreadable line in its middle, and leaves it as it is', async () => {
    writeFileSync(path, 'nonsense\n');
    appendFileSync(path, '{"removed":[]}\n');
    const outbox = fileOutbox(path);
    await expect(outbox.pending()).rejects.toThrow(/line 1 of the outbox/);
    await expect(outbox.append(settlementOf('req_1'))).rejects.toThrow(/line 1 of the outbox/);
    expect(lines()).toEqual(['nonsense', '{"removed":[]}']);
  });

  test('writes nothing before there is something to write: a command beside a running process replaces nothing', async () => {
    const running = fileOutbox(path);
    expect(await running.pending()).toEqual([]);
    expect(existsSync(path)).toBe(false);
    await running.append(settlementOf('req_1'));
    await running.append(settlementOf('req_2'));
    const command = fileOutbox(path);
    expect(await command.pending()).toHaveLength(2);
    await command.remove(['req_1']);
    await command.close?.();
    await running.append(settlementOf('req_3'));
    expect((await found()).map(({ id }) => id)).toEqual(['req_2', 'req_3']);
    await running.close?.();
  });

  test.each([
    ['deleted', () => rmSync(path)],
    ['replaced', () => renameSync(writtenBeside(''), path)],
  ])('writes what waits anew where its file was %s', async (_, disturb) => {
    const running = fileOutbox(path);
    await running.append(settlementOf('req_1'));
    disturb();
    await running.append(settlementOf('req_2'));
    expect((await found()).map(({ id }) => id)).toEqual(['req_1', 'req_2']);
    await running.close?.();
  });

  test('does not grow with what has passed through it', async () => {
    const outbox = fileOutbox(path);
    for (let i = 0; i < 12; i++) {
      const ids = Array.from({ length: 100 }, (_, n) => `req_${i}_${n}`);
      await Promise.all(ids.map((id) => outbox.append(settlementOf(id))));
      await outbox.remove(ids);
    }
    await outbox.append(settlementOf('req_last'));
    await outbox.close?.();
    expect(lines().length).toBeLessThan(1_000);
    expect(await found()).toEqual([settlementOf('req_last')]);
  });
});
