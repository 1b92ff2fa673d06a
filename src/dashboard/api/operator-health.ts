import { readBody } from './body.js';
import { csvOf } from './csv.js';
import { readFields, text } from './fields.js';
import { noteChange } from './operator-audit.js';
import { modelOutcomes, type Outcomes, targetOutcomes } from './outcomes.js';
import { whereLogged } from './requests.js';
import { FileAnswer, type RouteContext } from './route.js';

const HOUR_MS = 3_600_000;
/** The requests that rates and times are counted over: those of the last hour, up to this many. */
const MOST_REQUESTS = 1_000;
const NOT_TRIED = { ok: null, latencyMs: 0, error: null };

/** The state of each target, and how targets and models did in the last hour; null without a request log. */
export async function getHealth({ gateway }: RouteContext) {
  const from = Date.now() - HOUR_MS;
  const logged = await whereLogged(gateway.requests.list({ from }, { limit: MOST_REQUESTS }));
  const attempts = logged && targetOutcomes(logged);
  const models = logged && modelOutcomes(logged);
  const targets = gateway.health().map((target) => ({
    ...target,
    outcomes: attempts?.find(({ id }) => id === target.target) ?? null,
  }));
  return { data: targets, models, logged: logged !== null };
}

/** Sends a target one tiny request, as `gateway.probe` does; the provider charges some tokens for it. */
export async function testTarget(context: RouteContext) {
  const { gateway, request } = context;
  const { target } = readFields(await readBody(request), { target: text({ max: 600 }) });
  const [{ ok, latencyMs, error } = NOT_TRIED] = await gateway.probe({ targets: [target] });
  await noteChange(context, 'target.test', { subject: target });
  return { target, ok, latencyMs, error };
}

/** Targets and models as a file: a line each. */
export async function exportHealth(context: RouteContext) {
  const { data, models } = await getHealth(context);
  const cells = (outcomes: Outcomes | null) => [
    ...[outcomes?.tries ?? 0, outcomes?.failed ?? 0, outcomes?.p50 ?? '', outcomes?.p95 ?? ''],
    ...[outcomes?.firstToken ?? '', outcomes?.lastError ?? ''],
  ];
  const rows = [
    ...data.map(({ target, state, outcomes }) => ['target', target, state, ...cells(outcomes)]),
    ...(models ?? []).map((outcomes) => ['model', outcomes.id, '', ...cells(outcomes)]),
  ];
  const header = ['kind', 'id', 'state', 'calls_1h', 'failed_1h', 'p50_ms', 'p95_ms', 'first_token_ms', 'last_error'];
  return new FileAnswer('health.csv', 'text/csv; charset=utf-8', csvOf(header, rows));
}
