import { AnswerGuard } from '../hooks/answer-guard.js';
import { guardedAdapter } from '../hooks/guarded-adapter.js';
import { type HookContext, Refusal } from '../hooks/hook.js';
import { MadeOutput } from '../hooks/made-output.js';
import { askRequestHooks } from '../hooks/request-hooks.js';
import { ParsedBody } from '../json/parsed-body.js';
import type { ProviderAdapter } from '../providers/adapter.js';
import { rereadWith } from './reread.js';
import { resolve } from './resolve.js';
import type { Run } from './run-state.js';

/** An edited request is read again, so that its size, its limits and what is sent are those of the edited one. */
export async function askRequest(run: Run): Promise<void> {
  const { hooks, logger } = run.runtime;
  const { form } = run.operation;
  const texts = await run.route.texts();
  run.parts.texts = texts;
  const sent = run.body;
  const body = () => (form ? form.fields : sent?.value);
  const { requestId } = run;
  const edited = await askRequestHooks(hooks, { context: contextOf(run), texts, body, requestId, logger });
  if (edited === undefined) return;
  if (form) {
    run.parts.operation = await form.withFields(edited);
    run.parts.resolution = resolve(run.operation, run.principal, run.runtime);
    return;
  }
  await rereadWith(run, edited);
  if (run.body) run.body = ParsedBody.ofValue(edited, 0);
}

/**
 * Wraps the adapter so that the run's answer hooks check and change what it answers; each hook sees the result of the
 * one before.
 */
export function guardAnswers(run: Run, adapter: ProviderAdapter): ProviderAdapter {
  let guarded = adapter;
  let made: MadeOutput | undefined;
  for (const hook of run.runtime.hooks) {
    if (!hook.answer) continue;
    const guard = new AnswerGuard(hook, hook.answer, run.texts, contextOf(run), run.requestId, run.runtime.logger);
    if (guard.mode !== 'observe' && !made) guard.made = made = new MadeOutput();
    guarded = guardedAdapter(guarded, guard);
  }
  run.madeOutput = made;
  return guarded;
}

function contextOf({ principal, operation }: Run): HookContext {
  const { account, plan, keyId, endUser, session, tags } = principal;
  return {
    identity: { accountId: account.id, plan: plan.name, keyId, endUser, session, tags },
    model: operation.model,
    route: operation.route,
    refuse: (code, message) => new Refusal(code, message),
  };
}
