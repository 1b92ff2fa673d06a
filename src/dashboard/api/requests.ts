import { GatewayError } from '../../lib/errors.js';
import { completionTokens, promptTokens } from '../../lib/usage.js';
import type { RequestFilter, RequestInfo } from '../../management/requests.js';
import { wrongValue } from '../../openai-api/field-checks.js';
import { PAGE } from './credits.js';
import { csvOf } from './csv.js';
import { instant, optional, type Reader, text } from './fields.js';
import { namesOfKeys } from './key-names.js';
import { readQuery } from './query.js';
import { FileAnswer, type RouteContext } from './route.js';

const status: Reader<number | 'failed'> = (value, field) => {
  if (value === 'failed') return value;
  if (typeof value !== 'string' || !/^[1-5]\d\d$/.test(value))
    throw wrongValue(field, "it must be an HTTP status or 'failed'");
  return Number(value);
};

const name = optional(text({ max: 512 }));
const FILTERS = {
  status: optional(status),
  code: name,
  model: name,
  keyId: name,
  from: optional(instant),
  to: optional(instant),
};

/** The caller's requests, newest first, and what their keys are called; null where the gateway keeps no log of them. */
export async function listRequests(context: RouteContext) {
  const { limit = 50, before, ...filter } = readQuery(context.query, { ...FILTERS, ...PAGE });
  const page = { limit, ...(before !== undefined && { before }) };
  const { gateway, caller } = context;
  const data = await list(context, { ...filter, accountId: caller.accountId }, page);
  return { data, names: await namesOfKeys(gateway, caller.accountId, data?.map(({ keyId }) => keyId) ?? []) };
}

/** The same as a file, of the newest thousand. */
export async function exportRequests(context: RouteContext) {
  const filter = { ...readQuery(context.query, FILTERS), accountId: context.caller.accountId };
  return requestFile((await list(context, filter, { limit: 1_000 })) ?? []);
}

/** One request in full. */
export async function getRequest({ gateway, caller, id }: RouteContext) {
  const request = await gateway.requests.get(id, { accountId: caller.accountId });
  return inFull(gateway, request);
}

/** Requests of all accounts, or of one. */
export async function listOperatorRequests(context: RouteContext) {
  const { limit = 50, before, ...filter } = readQuery(context.query, { ...FILTERS, ...PAGE, accountId: name });
  const page = { limit, ...(before !== undefined && { before }) };
  const data = await list(context, filter, page);
  return { data, names: await context.names.of(data?.map(({ accountId }) => accountId) ?? []) };
}

/** The same as a file. */
export async function exportOperatorRequests(context: RouteContext) {
  const filter = readQuery(context.query, { ...FILTERS, accountId: name });
  return requestFile((await list(context, filter, { limit: 1_000 })) ?? []);
}

/** One request of any account. */
export async function getOperatorRequest({ gateway, id }: RouteContext) {
  return inFull(gateway, await gateway.requests.get(id));
}

async function inFull(gateway: RouteContext['gateway'], request: RequestInfo) {
  const { accountId, keyId } = request;
  const [charged, names] = await Promise.all([chargesOf(gateway, request), namesOfKeys(gateway, accountId, [keyId])]);
  const keyName = names[keyId ?? ''] ?? null;
  return { ...describeRequest(request), keyName, ...describeDetails(request), charged };
}

async function list(
  { gateway }: Pick<RouteContext, 'gateway'>,
  filter: RequestFilter,
  page: { readonly limit: number; readonly before?: string },
) {
  const requests = await whereLogged(gateway.requests.list(filter, page));
  return requests?.map(describeRequest) ?? null;
}

/** Null when the gateway was created without a request log. */
export async function whereLogged<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (GatewayError.isInstance(error) && error.code === 'conflict') return null;
    throw error;
  }
}

/** What the ledger says of where the money came from. */
async function chargesOf(gateway: RouteContext['gateway'], { id, accountId, cost }: RequestInfo) {
  if (Number(cost) === 0) return [];
  const [event] = await gateway.usage.events({ accountId, id }, { limit: 1 });
  return event?.charged ?? [];
}

/** One line of a list. */
function describeRequest({ id, at, accountId, keyId, model, status, code, stream, route, ...request }: RequestInfo) {
  const { usage, cost, durationMs, firstTokenMs } = request;
  return {
    ...{ id, at, accountId, keyId, model, status, code, stream, route, durationMs, firstTokenMs, cost },
    inputTokens: usage ? promptTokens(usage) : 0,
    outputTokens: usage ? completionTokens(usage) : 0,
  };
}

function describeDetails(request: RequestInfo) {
  const { via, endUser, session, tags, provider, upstreamModel, attempts, message, outcome, dropped } = request;
  const { requestBody = null, answerBody = null, usage } = request;
  return {
    ...{ via, endUser, session, tags, provider, upstreamModel, attempts, message, outcome, dropped },
    ...{ requestBody, answerBody },
    cachedInputTokens: usage?.cachedInputTokens ?? 0,
    reasoningTokens: usage?.reasoningTokens ?? 0,
  };
}

function requestFile(requests: readonly ReturnType<typeof describeRequest>[]): FileAnswer {
  const header = ['id', 'time', 'account', 'key', 'route', 'model', 'status', 'error', 'input_tokens'];
  const rows = requests.map((one) => [
    ...[one.id, one.at.toISOString(), one.accountId, one.keyId ?? '', one.route, one.model ?? '', one.status],
    ...[one.code ?? '', one.inputTokens, one.outputTokens, one.cost, one.durationMs],
  ]);
  const content = csvOf([...header, 'output_tokens', 'cost_usd', 'duration_ms'], rows);
  return new FileAnswer('requests.csv', 'text/csv; charset=utf-8', content);
}
