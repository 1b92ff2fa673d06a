import type { getAccount, getSession } from '../src/dashboard/api/account.js';
import type { describeEntry } from '../src/dashboard/api/credits.js';
import type { getMonth } from '../src/dashboard/api/credits-by-day.js';
import type { getHome } from '../src/dashboard/api/home.js';
import type { getKey, listKeyNames, listKeys } from '../src/dashboard/api/keys.js';
import type { listModels, listOperatorModels } from '../src/dashboard/api/models.js';
import type { getOperatorAccount, listAccounts } from '../src/dashboard/api/operator-accounts.js';
import type { describeChange, listChanges } from '../src/dashboard/api/operator-audit.js';
import type { getHealth, testTarget } from '../src/dashboard/api/operator-health.js';
import type { getOverview } from '../src/dashboard/api/operator-overview.js';
import type { listPromoCodes } from '../src/dashboard/api/operator-promo-codes.js';
import type { getRequest, listOperatorRequests, listRequests } from '../src/dashboard/api/requests.js';
import type { listSessions } from '../src/dashboard/api/sessions.js';
import type { listEvents, listTags } from '../src/dashboard/api/usage.js';
import type { getUsageReport, ReportSums } from '../src/dashboard/api/usage-report.js';
import type { BillingState } from '../src/stripe/state.js';

/** What `stripeBilling` answers. */
export type Billing = BillingState;

/** What a value becomes on its way through JSON: times are ISO texts. */
type Json<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Answer<F extends (...args: never[]) => unknown> = Json<Awaited<ReturnType<F>>>;

export type Session = Answer<typeof getSession>;
export type Account = Answer<typeof getAccount>;
export type Home = Answer<typeof getHome>;
export type RequestList = Answer<typeof listRequests>;
export type OperatorRequestList = Answer<typeof listOperatorRequests>;
export type SessionTokens = NonNullable<Answer<typeof listSessions>['data']>;
export type RequestLine = NonNullable<RequestList['data']>[number];
export type RequestDetails = Answer<typeof getRequest>;
export type KeyNames = Answer<typeof listKeyNames>;
export type KeyList = Answer<typeof listKeys>;
export type Key = Answer<typeof getKey>;
export type UsageReportAnswer = Answer<typeof getUsageReport>;
export type UsageSums = ReportSums;
export type EventList = Answer<typeof listEvents>;
export type TagNames = Answer<typeof listTags>;
export type Entry = Answer<typeof describeEntry>;
export type MoneyMonth = Answer<typeof getMonth>;
export type ModelList = Answer<typeof listModels>;
export type ModelNames = Answer<typeof listOperatorModels>;
export type Model = ModelList['data'][number];
export type AccountList = Answer<typeof listAccounts>;
export type AccountDetails = Answer<typeof getOperatorAccount>;
export type Change = Answer<typeof describeChange>;
export type ChangeList = Answer<typeof listChanges>;
export type PromoCodeList = Answer<typeof listPromoCodes>;
export type Health = Answer<typeof getHealth>;
export type TargetTest = Answer<typeof testTarget>;
export type OperatorOverview = Answer<typeof getOverview>;
