import { describe, expect, it } from 'vitest';
import { type KeptItem, memoryItems } from '../../src/index.js';
import { KeptItems } from '../../src/items/kept-items.js';
import { keepItems, resolveItems } from '../../src/routes/recent-items.js';
import { testLogger } from '../helpers/test-logger.js';

const HOUR = 3_600_000;
const message = { id: 'msg_1', type: 'message', role: 'assistant', content: 'a'.repeat(1_000_000) };

function remembered(): KeptItems {
  const kept = keptItems();
  const items: KeptItem[] = [];
  keepItems((id, value) => void items.push({ id, value }), [message]);
  void kept.put('account', items);
  return kept;
}

function keptItems(now: () => number = () => 0): KeptItems {
  const logger = testLogger;
  return new KeptItems({ store: memoryItems(), lifetimeMs: 24 * HOUR, storeMs: 1_000, now, logger });
}

function referring(times: number, id = 'msg_1') {
  return { model: 'm', input: Array.from({ length: times }, () => ({ id })) };
}

describe('the items of recent answers', () => {
  it('stand in for references of their own account', async () => {
    expect((await resolveItems(remembered(), 'account', referring(2))).input).toEqual([message, message]);
    await expect(resolveItems(remembered(), 'another', referring(1))).rejects.toThrow(/not known/);
  });

  it('are left out where unknown reasoning is named, and refused by the name of the field elsewhere', async () => {
    const kept = keptItems();
    expect((await resolveItems(kept, 'account', referring(2, 'rs_1'))).input).toEqual([]);
    const refused = { publicCode: 'item_not_found', param: 'input[0].id' };
    await expect(resolveItems(kept, 'account', referring(1, 'fc_1'))).rejects.toMatchObject(refused);
  });

  it('make no short body longer than is sensible', async () => {
    const refused = resolveItems(remembered(), 'account', referring(100));
    await expect(refused).rejects.toMatchObject({ code: 'request_too_large', param: 'input' });
  });

  it('are kept for as long as a conversation uses them', async () => {
    let now = 0;
    const kept = keptItems(() => now);
    await kept.put('account', [{ id: 'a', value: '1' }]);
    for (let turn = 0; turn < 5; turn++) {
      now += 20 * HOUR;
      expect((await kept.get('account', ['a'])).get('a')).toBe('1');
    }
    now += 25 * HOUR;
    expect((await kept.get('account', ['a'])).size).toBe(0);
    kept.close();
  });

  it('fail nobody when they can not be kept, and say so once', async () => {
    const warnings: string[] = [];
    const logger = {
      debug() {},
      info() {},
      error: testLogger.error,
      warn: (_: object, text?: string) => void warnings.push(text ?? ''),
    };
    const down = () => Promise.reject(new Error('away'));
    const store = { put: down, get: down, prune: down, erase: down };
    const kept = new KeptItems({ store, lifetimeMs: HOUR, storeMs: 1_000, now: () => 0, logger });
    await kept.put('account', [{ id: 'a', value: '1' }]);
    await kept.put('account', [{ id: 'b', value: '1' }]);
    expect(warnings).toHaveLength(1);
    await expect(kept.get('account', ['a'])).rejects.toMatchObject({ code: 'service_unavailable' });
    kept.close();
  });
});
