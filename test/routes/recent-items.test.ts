import { describe, expect, it } from 'vitest';
import { RecentItems } from '../../src/routes/recent-items.js';

const message = { id: 'msg_1', type: 'message', role: 'assistant', content: 'a'.repeat(1_000_000) };

function remembered(): RecentItems {
  const items = new RecentItems();
  items.remember('account', [message]);
  return items;
}

function referring(times: number) {
  return { model: 'm', input: Array.from({ length: times }, () => ({ id: 'msg_1' })) };
}

describe('the items of recent answers', () => {
  it('stand in for references of their own account', () => {
    expect(remembered().resolve('account', referring(2)).input).toEqual([message, message]);
    expect(() => remembered().resolve('another', referring(1))).toThrow(/not known/);
  });

  it('make no short body longer than all that is kept', () => {
    const refused = () => remembered().resolve('account', referring(100));
    expect(refused).toThrow(expect.objectContaining({ code: 'request_too_large', param: 'input' }));
  });
});
