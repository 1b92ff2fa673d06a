import { describe, expect, it } from 'vitest';
import { CallIds } from '../../src/openai-api/call-ids.js';

describe('the ids of the calls of an answer', () => {
  it("are the provider's own where no call of the conversation has them", () => {
    const ids = new CallIds(() => ['call_0'], 'req_1');
    expect([ids.of(0, 'call_1'), ids.of(1, 'call_2')]).toEqual(['call_1', 'call_2']);
  });

  it('are new where one came before, in the conversation or in the answer, or where there is none', () => {
    const ids = new CallIds(() => ['call_0', undefined], 'req_1');
    const all = [ids.of(0, 'call_0'), ids.of(1, 'call_1'), ids.of(2, 'call_1'), ids.of(3, ''), ids.of(4, undefined)];
    expect(all[1]).toBe('call_1');
    expect(new Set(['call_0', ...all]).size).toBe(6);
    for (const id of all) expect(id).toMatch(/^call_[a-z0-9]{1,35}$/);
  });

  it('stay the same while an answer is streamed, and differ from those of another answer', () => {
    const [first, second] = [new CallIds(() => ['call_0'], 'req_1'), new CallIds(() => ['call_0'], 'req_2')];
    expect(first.of(0, 'call_0')).toBe(first.of(0, undefined));
    expect(first.of(0, 'call_0')).not.toBe(second.of(0, 'call_0'));
  });
});
