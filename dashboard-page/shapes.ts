import type { getAccount, getSession } from '../src/dashboard/api/account.js';
import type { getHistory } from '../src/dashboard/api/credits.js';
import type { listKeys } from '../src/dashboard/api/keys.js';
import type { listModels } from '../src/dashboard/api/models.js';
import type { getOperatorAccount, listAccounts } from '../src/dashboard/api/operator-accounts.js';
import type { getHealth } from '../src/dashboard/api/operator-health.js';
import type { listPromoCodes } from '../src/dashboard/api/operator-promo-codes.js';
import type { getUsage, listEvents } from '../src/dashboard/api/usage.js';

/** What a value becomes on its way through JSON: times are ISO texts. */
type Json<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Answer<F extends (...args: never[]) => unknown> = Json<Awaited<ReturnType<F>>>;

export type Session = Answer<typeof getSession>;
export type Account = Answer<typeof getAccount>;
export type KeyList = Answer<typeof listKeys>;
export type Key = KeyList['data'][number];
export type UsageAnswer = Answer<typeof getUsage>;
export type UsageRow = UsageAnswer['data'][number];
export type EventList = Answer<typeof listEvents>;
export type EntryList = Answer<typeof getHistory>;
export type Entry = EntryList['data'][number];
export type ModelList = Answer<typeof listModels>;
export type Model = ModelList['data'][number];
export type AccountList = Answer<typeof listAccounts>;
export type AccountDetails = Answer<typeof getOperatorAccount>;
export type PromoCodeList = Answer<typeof listPromoCodes>;
export type Health = Answer<typeof getHealth>;
