import type { UsageRecord, UsageRow } from '../../management/usage-reports.js';
import { PAGE } from './credits.js';
import type { ReadFields } from './fields.js';
import { namesOfKeys } from './key-names.js';
import { checkRange, dimensions, RANGE, readQuery } from './query.js';
import { FileAnswer, type RouteContext } from './route.js';
import { usageCsv } from './usage-csv.js';

const query = { ...RANGE, groupBy: dimensions(['model', 'key', 'day', 'hour']) };
const operatorQuery = { ...RANGE, groupBy: dimensions(['account', 'model', 'day', 'hour']) };

/** Sums of the caller's usage. */
export async function getUsage({ gateway, caller, query: search }: RouteContext) {
  const range = checkRange(readQuery(search, query));
  const rows = await gateway.usage.query({ ...range, accountId: caller.accountId });
  return { data: rows.map(describeRow) };
}

/** The caller's usage per day, model and key, for a spreadsheet. */
export async function exportUsage({ gateway, caller, query: search }: RouteContext) {
  const range = checkRange(readQuery(search, RANGE));
  const { accountId } = caller;
  const names = new Map((await gateway.keys.list(accountId)).map((key) => [key.id, key.name]));
  const content = await usageCsv(gateway.usage, { ...range, accountId }, names);
  const day = (time: Date) => time.toISOString().slice(0, 10);
  return new FileAnswer(`usage-${day(range.from)}-${day(range.to)}.csv`, 'text/csv; charset=utf-8', content);
}

/** The caller's single requests, newest first, and what their keys are called. */
export async function listEvents({ gateway, caller, query: search }: RouteContext) {
  const { limit = 50, ...rest } = readQuery(search, PAGE);
  const events = await gateway.usage.events({ accountId: caller.accountId }, { ...rest, limit });
  const names = await namesOfKeys(
    gateway,
    caller.accountId,
    events.map(({ keyId }) => keyId),
  );
  return { data: events.map(describeEvent), names };
}

/** Sums of the usage of all accounts. */
export async function getOperatorUsage({ gateway, query: search }: RouteContext) {
  const range: ReadFields<typeof operatorQuery> = checkRange(readQuery(search, operatorQuery));
  const rows = await gateway.usage.query(range);
  return { data: rows.map(describeRow) };
}

/** Of the newest requests; older tags are asked for by name. */
const TAGGED_REQUESTS = 200;

/** The names of the tags that the caller's newest requests have. */
export async function listTags({ gateway, caller }: RouteContext) {
  return tagsOf(await gateway.usage.events({ accountId: caller.accountId }, { limit: TAGGED_REQUESTS }));
}

/** The names of the tags that the newest requests of all accounts have. */
export async function listOperatorTags({ gateway }: RouteContext) {
  return tagsOf(await gateway.usage.events({}, { limit: TAGGED_REQUESTS }));
}

function tagsOf(events: readonly UsageRecord[]) {
  return { data: [...new Set(events.flatMap(({ tags }) => Object.keys(tags ?? {})))].sort() };
}

function describeRow(row: UsageRow) {
  const { accountId, model, keyId, day, hour, requests, totalTokens, cost } = row;
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = row;
  return {
    ...{ accountId, model, keyId, day, hour, requests, inputTokens, cachedInputTokens, cacheWriteTokens },
    ...{ outputTokens, reasoningTokens, totalTokens, cost },
  };
}

function describeEvent({ id, keyId, at, model, usage, cost, outcome }: UsageRecord) {
  const { inputTokens, outputTokens } = usage;
  return { id, keyId, at, model, inputTokens, outputTokens, cost, outcome };
}
