import type { ItemStore } from '../items/item-store.js';
import type { KeyEvents } from '../keys/key-events.js';
import type { KeyStore } from '../keys/key-store.js';
import type { Logger } from '../lib/logger.js';
import type { Check } from '../lib/option-checks.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { Meter } from '../meter/meter.js';
import type { Outbox } from '../meter/outbox.js';
import { isObject } from '../openai-api/field-checks.js';
import type { RequestLog } from '../requests/request-log.js';
import type { ChangeLog } from '../stores/change-log.js';
import type { Store } from '../stores/store.js';
import type { StoreUpkeep } from '../stores/upkeep.js';
import type { Transport } from '../upstream/transport.js';

/**
 * Every method of a contract, so that none is forgotten: `required`, `optional`, or the name of an optional part, of which
 * an implementation has all methods or none.
 */
type Methods<T> = { readonly [Name in keyof T]-?: 'required' | 'optional' | (string & {}) };

const KEY_STORE: Methods<KeyStore> = {
  createKey: 'required',
  createKeyWithin: 'optional',
  findKey: 'required',
  listKeys: 'required',
  getKeys: 'optional',
  updateKey: 'required',
  touchKeys: 'required',
  getAccount: 'required',
  getAccounts: 'optional',
  saveAccount: 'required',
  listAccounts: 'required',
  listSessions: 'optional',
  pruneSessions: 'optional',
  findKeyByName: 'optional',
  close: 'optional',
};

const METER: Methods<Meter> = {
  clock: 'optional',
  reserve: 'required',
  settle: 'required',
  release: 'required',
  extend: 'required',
  expire: 'required',
  balance: 'required',
  credit: 'required',
  history: 'required',
  usage: 'required',
  events: 'required',
  usageOfAll: 'optional',
  grant: 'grants',
  refund: 'grants',
  funds: 'grants',
  budget: 'grants',
  fundsOfAll: 'optional',
  budgetsOf: 'optional',
  createPromoCode: 'promo codes',
  listPromoCodes: 'promo codes',
  disablePromoCode: 'promo codes',
  redeem: 'promo codes',
  addNotice: 'notices',
  takeNotices: 'notices',
  endNotice: 'notices',
  retryNotice: 'notices',
  audit: 'optional',
  close: 'optional',
};

const RATE_LIMITER: Methods<RateLimiter> = {
  admit: 'required',
  finish: 'required',
  peek: 'required',
  take: 'optional',
  watch: 'optional',
  close: 'optional',
};

const KEY_EVENTS: Methods<KeyEvents> = { publish: 'required', subscribe: 'required', close: 'optional' };
const OUTBOX: Methods<Outbox> = { append: 'required', pending: 'required', remove: 'required', close: 'optional' };
const TRANSPORT: Methods<Transport> = { send: 'required', close: 'optional' };
const LOGGER: Methods<Logger> = { debug: 'required', info: 'required', warn: 'required', error: 'required' };
const REQUEST_LOG: Methods<RequestLog> = {
  append: 'required',
  find: 'required',
  list: 'required',
  countFailures: 'optional',
  newestOfAll: 'optional',
  prune: 'required',
};
const ITEM_STORE: Methods<ItemStore> = {
  put: 'required',
  get: 'required',
  prune: 'required',
  erase: 'required',
  close: 'optional',
};
const CHANGE_LOG: Methods<ChangeLog> = { append: 'required', list: 'required' };
const UPKEEP: Methods<StoreUpkeep> = { pruneEvents: 'required', pruneHolds: 'required', eraseAccount: 'required' };
const STORE: Methods<Pick<Store, 'migrate' | 'close'>> = { migrate: 'optional', close: 'optional' };

const isMissing = (value: unknown) => value === undefined || value === null;

/** Checks an implementation against the list of its contract. */
function implementing<T>(methods: Methods<T>): Check {
  const names = Object.entries<string>(methods);
  return (value, path) => {
    const found = isObject(value) ? value : {};
    const begun = new Set(names.filter(([name, part]) => part !== 'optional' && !isMissing(found[name])).map(partOf));
    const wrong = names.filter(([name, part]) => {
      const needed = part === 'required' || begun.has(part);
      return needed ? typeof found[name] !== 'function' : !isMissing(found[name]) && typeof found[name] !== 'function';
    });
    if (wrong.length === 0) return undefined;
    return `${path} must have the method${wrong.length > 1 ? 's' : ''} ${wrong.map(([name]) => name).join(', ')}`;
  };
}

function partOf([, part]: readonly [name: string, part: string]): string {
  return part;
}

export const aKeyStore = implementing(KEY_STORE);
export const aMeter = implementing(METER);
export const aRateLimiter = implementing(RATE_LIMITER);
export const aKeyEvents = implementing(KEY_EVENTS);
export const anOutbox = implementing(OUTBOX);
export const aTransport = implementing(TRANSPORT);
export const aLogger = implementing(LOGGER);
export const anItemStore = implementing(ITEM_STORE);

const aRequestLog = implementing(REQUEST_LOG);
const aChangeLog = implementing(CHANGE_LOG);
const anUpkeep = implementing(UPKEEP);
const storeMethods = implementing(STORE);

/** Keys and ledger, and whatever else a store has. */
export const aStore: Check = (value, path) => {
  if (!isObject(value)) return `${path} must be an object`;
  const { requests, items, changes, upkeep } = value;
  const problems = [
    aKeyStore(value['keyStore'], `${path}.keyStore`),
    aMeter(value['meter'], `${path}.meter`),
    isMissing(requests) ? undefined : aRequestLog(requests, `${path}.requests`),
    isMissing(items) ? undefined : anItemStore(items, `${path}.items`),
    isMissing(changes) ? undefined : aChangeLog(changes, `${path}.changes`),
    isMissing(upkeep) ? undefined : anUpkeep(upkeep, `${path}.upkeep`),
    storeMethods(value, path),
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : problems.join('\n');
};
