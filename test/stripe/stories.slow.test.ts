import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BillingSite, billingSite } from './billing-site.js';

let site: BillingSite;
beforeAll(async () => {
  site = await billingSite();
});
afterAll(() => site.close());

test('after any story of payments, refunds and disputes, told in any order, the balance is what a model says', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('pay' as const), pack: fc.constantFrom('10', '25', '100') }),
    fc.record({
      kind: fc.constant('refund' as const),
      of: fc.nat(5),
      cents: fc.integer({ min: 1, max: 900 }),
      fails: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('dispute' as const), of: fc.nat(5), lost: fc.boolean() }),
  );
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.infiniteStream(fc.nat(1_000)), async (story, chance) => {
      const account = `account_${++number}`;
      const paid: { payment: string; cents: number; disputed: boolean }[] = [];
      const events: { type: string; object: Record<string, unknown> }[] = [];
      let expected = 0;
      for (const one of story) {
        if (one.kind === 'pay') {
          const { payment, events: more } = await site.buy(account, one.pack);
          paid.push({ payment, cents: Number(one.pack) * 100, disputed: false });
          events.push(...more);
          expected += Number(one.pack) * 100;
          continue;
        }
        const of = paid[one.of % Math.max(paid.length, 1)];
        if (!of || of.disputed) continue;
        if (one.kind === 'refund') {
          const refund = site.api.refund(of.payment, one.cents, one.fails ? 'failed' : 'succeeded');
          events.push({ type: 'refund.created', object: refund }, { type: 'refund.updated', object: refund });
          if (!one.fails) expected -= one.cents;
        } else {
          of.disputed = true;
          const status = one.lost ? 'lost' : 'won';
          const dispute = site.api.put('dispute', {
            amount: of.cents,
            currency: 'usd',
            status,
            payment_intent: of.payment,
          });
          events.push({ type: 'charge.dispute.closed', object: dispute });
          if (one.lost) expected -= of.cents;
        }
      }
      const order = [...events, ...events].map((event) => ({ event, at: chance.next().value }));
      for (const { event } of order.sort((a, b) => a.at - b.at)) {
        expect((await site.deliver(event.type, event.object)).status).toBe(200);
      }
      expect(Number(await site.balance(account)) * 100).toBeCloseTo(expected, 6);
    }),
    { numRuns: 1_000, seed: 42 },
  );
}, 120_000);
