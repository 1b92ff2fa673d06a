import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntrusiveList, ListNode } from '../../src/lib/intrusive-list.js';

test('holds what a Set would hold, whatever comes and goes', () => {
  const step = fc.record({ adds: fc.boolean(), which: fc.nat(7) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const items = Array.from({ length: 8 }, () => new ListNode());
      const linked = new IntrusiveList<ListNode>();
      const model = new Set<ListNode>();
      for (const { adds, which } of steps) {
        const item = items[which] ?? expect.unreachable();
        if (adds) linked.add(item);
        else linked.delete(item);
        if (adds) model.add(item);
        else model.delete(item);
        expect(linked.size).toBe(model.size);
        expect(new Set(linked.items())).toEqual(model);
        expect(linked.items()).toHaveLength(model.size);
      }
    }),
  );
});

test('lets go of what has left', () => {
  const linked = new IntrusiveList<ListNode>();
  const [one, two] = [new ListNode(), new ListNode()];
  linked.add(one);
  linked.add(two);
  linked.delete(one);
  for (const item of [one, two]) expect([item.before, item.after]).toEqual([undefined, undefined]);
  expect([one.isIn, two.isIn]).toEqual([false, true]);
});
