import { describe, expect, test } from 'vitest';
import { createGateway, type GatewayOptions, memoryKeyStore, memoryMeter, memoryRateLimiter } from '../../src/index.js';
import { testLogger } from '../helpers/test-logger.js';

const PROVIDER = { name: 'some', chat: () => Promise.reject(), stream: () => Promise.reject() };

/** What `createGateway` says of an option that is not what its contract asks for. */
function complaint(options: Record<string, unknown>): string | undefined {
  try {
    void createGateway({
      providers: { some: PROVIDER },
      models: { model: { provider: 'some', price: { input: 1, output: 1 } } },
      plans: { free: { models: '*' } },
      ...options,
    } as GatewayOptions).close();
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

function without(part: object, ...names: string[]): object {
  return { ...part, ...Object.fromEntries(names.map((name) => [name, undefined])) };
}

const parts = { keyStore: memoryKeyStore(), meter: memoryMeter(), rateLimiter: memoryRateLimiter() };
const required: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  keyStore: { ...parts.keyStore },
  meter: { ...parts.meter },
  rateLimiter: { ...parts.rateLimiter },
  keyEvents: { publish() {}, subscribe: () => () => {} },
  outbox: { append() {}, pending: () => [], remove() {} },
  transport: { send: () => Promise.reject(new Error('unused')) },
  logger: { ...testLogger },
};
const OPTIONAL = [
  'close',
  'audit',
  'watch',
  'pruneSessions',
  'listSessions',
  'take',
  'createKeyWithin',
  'getKeys',
  'clock',
  'findKeyByName',
];

describe.each(Object.entries(required))('%s', (option, whole) => {
  const methods = Object.keys(whole).filter((name) => typeof whole[name] === 'function' && !OPTIONAL.includes(name));

  test('is taken with all its methods', () => {
    expect(complaint({ [option]: whole })).toBeUndefined();
  });

  test.each(methods)('is refused without %s', (name) => {
    expect(complaint({ [option]: without(whole, name) })).toContain(`${option} must have the method ${name}`);
  });

  test('is refused where an optional method is no function', () => {
    if (option === 'logger') return;
    expect(complaint({ [option]: { ...whole, close: 'now' } })).toContain(`${option} must have the method close`);
  });
});

test('a meter may lack a whole part, and not half of one', () => {
  const { meter } = parts;
  expect(complaint({ meter: without(meter, 'addNotice', 'takeNotices', 'endNotice', 'retryNotice') })).toBeUndefined();
  expect(complaint({ meter: without(meter, 'listPromoCodes', 'redeem') })).toContain(
    'meter must have the methods listPromoCodes, redeem',
  );
});

test('a store is checked in all its parts, in one message', () => {
  const { keyStore, meter } = parts;
  const said = complaint({ store: { keyStore: {}, meter: without(meter, 'events'), upkeep: {}, migrate: true } });
  expect(said).toContain('store.keyStore must have the methods createKey, findKey');
  expect(said).toContain('store.meter must have the method events');
  expect(said).toContain('store.upkeep must have the methods pruneEvents, pruneHolds, eraseAccount');
  expect(said).toContain('store must have the method migrate');
  expect(complaint({ store: { keyStore, meter } })).toBeUndefined();
});
