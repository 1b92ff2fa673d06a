import { describe, expect, test } from 'vitest';
import type { RequestLog } from '../../src/requests/request-log.js';
import { RequestWriter } from '../../src/requests/request-writer.js';
import { memoryRequestLog } from '../../src/stores/memory/memory-request-log.js';
import { recordOf } from '../helpers/request-records.js';

function world(away: () => boolean = () => false) {
  const kept = memoryRequestLog(20_000);
  const batches: number[] = [];
  const lines: object[] = [];
  const log: RequestLog = {
    ...kept,
    append(records) {
      if (away()) throw new Error('the store is away');
      batches.push(records.length);
      return kept.append(records);
    },
  };
  const say = (fields: object, message: string) => lines.push({ ...fields, message });
  const writer = new RequestWriter(log, { debug: say, info: say, warn: say, error: say });
  return { writer, kept, batches, lines };
}

describe('the writer of the request log', () => {
  test('writes many records together, and nothing before it is time', async () => {
    const { writer, kept, batches } = world();
    for (let i = 0; i < 250; i++) writer.write(recordOf(`req_${i}`));
    expect(batches).toEqual([]);
    await writer.flush();
    expect(batches).toEqual([100, 100, 50]);
    expect(await kept.find('req_249')).toEqual(recordOf('req_249'));
  });

  test('keeps what a store that is away did not take', async () => {
    let away = true;
    const { writer, kept, lines } = world(() => away);
    writer.write(recordOf('req_1'));
    await writer.flush();
    expect(lines).toMatchObject([{ waiting: 1, message: 'requests were not logged yet' }]);
    away = false;
    await writer.close();
    expect(await kept.find('req_1')).toBeDefined();
    expect(lines).toHaveLength(1);
  });

  test('drops the oldest records when too many wait, and says how many', async () => {
    let away = true;
    const { writer, kept, lines } = world(() => away);
    for (let i = 0; i < 10_003; i++) writer.write(recordOf(`req_${i}`));
    await writer.flush();
    away = false;
    await writer.flush();
    expect(lines.at(-1)).toMatchObject({ lost: 3, message: 'requests are missing from the request log' });
    expect(await kept.find('req_2')).toBeUndefined();
    expect(await kept.find('req_3')).toBeDefined();
  });

  test('says at the end what it could not write', async () => {
    const { writer, lines } = world(() => true);
    writer.write(recordOf('req_1'));
    await writer.close();
    expect(lines.at(-1)).toMatchObject({ lost: 1 });
  });
});
