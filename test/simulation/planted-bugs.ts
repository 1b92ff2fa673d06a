import type { FullMeter, HoldId, HoldRequest, Notice, Settlement } from '../../src/meter/meter.js';
import type { Outbox } from '../../src/meter/outbox.js';
import type { WorldOptions } from './world.js';

type Plant = Pick<WorldOptions, 'plant' | 'plantOutbox'>;

/** Mistakes that a store or an outbox could make, each by its name. The simulator must find all of them. */
export const PLANTED: Readonly<Record<string, Plant>> = {
  'a settlement that is recorded again when it comes again': {
    plant(meter) {
      const times = new Map<string, number>();
      return changed(meter, {
        settle(settlement: Settlement) {
          const time = times.get(settlement.id) ?? 0;
          times.set(settlement.id, time + 1);
          return meter.settle(time === 0 ? settlement : { ...settlement, id: `${settlement.id}#${time}` });
        },
      });
    },
  },
  'a release that gives back twice': {
    plant(meter) {
      const held = new Map<string, bigint>();
      return changed(meter, {
        async reserve(request: HoldRequest) {
          const result = await meter.reserve(request);
          if (result.ok) held.set(request.id, result.held);
          return result;
        },
        async release({ id, accountId }: HoldId) {
          await meter.release({ id, accountId });
          const amount = held.get(id) ?? 0n;
          if (amount > 0n)
            await meter.credit({ accountId, kind: 'top_up', amount, idempotencyKey: `again ${id}`, now: 0 });
        },
      });
    },
  },
  'a hold that looks at the money of a moment ago': {
    plant(meter) {
      let stale = 0;
      return changed(meter, {
        async reserve(request: HoldRequest) {
          const result = await meter.reserve(request);
          // Every so often two processes both saw the money before the other took it.
          if (result.ok || result.reason !== 'balance' || ++stale % 20 !== 0) return result;
          return { ok: true, held: request.minimum };
        },
      });
    },
  },
  'a charge that leaves its hold open': {
    plant: (meter) =>
      changed(meter, {
        settle: (settlement: Settlement) => meter.settle({ ...settlement, id: `${settlement.id}'` }),
      }),
  },
  'a grant that is given with every repetition': {
    plant(meter) {
      let given = 0;
      return changed(meter, {
        grant: (grant: Parameters<FullMeter['grant']>[0]) =>
          meter.grant({ ...grant, idempotencyKey: `${grant.idempotencyKey} ${++given}` }),
      });
    },
  },
  'an allowance that has room for a little more than its limit': {
    plant: (meter) =>
      changed(meter, {
        reserve: (request: HoldRequest) => {
          const { allowances } = request;
          if (!allowances) return meter.reserve(request);
          return meter.reserve({
            ...request,
            allowances: allowances.map((one) => ({ ...one, limit: one.limit + 1n })),
          });
        },
      }),
  },
  'a crossing that is told twice': {
    plant(meter) {
      let number = 0;
      return changed(meter, {
        async takeNotices(now: number, dueAgainAt: number, limit: number) {
          const taken = await meter.takeNotices(now, dueAgainAt, limit);
          const [first] = taken;
          if (first && ++number === 5) {
            const { attempts: _attempts, ...notice } = first;
            await meter.addNotice({ ...notice, id: `${notice.id}_again` });
          }
          return taken;
        },
      });
    },
  },
  'a crossing that nobody hears of': {
    plant: (meter) =>
      changed(meter, {
        retryNotice: (notice: Notice) => meter.endNotice(notice),
      }),
  },
  'an outbox that forgets': {
    plantOutbox: (outbox: Outbox) => ({
      append: () => {},
      pending: () => outbox.pending(),
      remove: (ids) => outbox.remove(ids),
    }),
  },
};

function changed(meter: FullMeter, change: object): FullMeter {
  return { ...meter, ...change } as FullMeter;
}
