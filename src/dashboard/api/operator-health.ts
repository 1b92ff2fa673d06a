import { csvOf } from './csv.js';
import { modelOutcomes, type Outcomes, targetOutcomes } from './outcomes.js';
import { whereLogged } from './requests.js';
import { FileAnswer, type RouteContext } from './route.js';

const HOUR_MS = 3_600_000;
/** The requests that rates and times are counted over: those of the last hour, up to this many. */
const MOST_REQUESTS = 1_000;

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

/** The same as a file: a line per target and per model. */
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
