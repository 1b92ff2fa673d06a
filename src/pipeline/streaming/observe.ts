import type { GatewayResponse } from '../../http/exchange.js';
import { unrefTimer } from '../../lib/timers.js';
import type { Usage } from '../../lib/usage.js';
import type { StreamResult, WholeResult } from '../calling/call.js';
import type { Ending } from '../ending.js';
import { respondStream } from '../respond.js';
import type { Run } from '../run-state.js';
import { chargedAt, credible, unreportedUsage } from './charged-usage.js';
import { ObservedStream } from './observed-stream.js';

/** If a stream has not begun within this time, its headers and keep-alive comments are sent: proxies drop silent connections. */
const PATIENCE_MS = 10_000;

/** Stage 7 of 9 · whole answer -> how it ended. */
export function observeAnswer(run: Run, { answer, target, watch }: WholeResult): Ending {
  watch.close();
  const made = Math.max(answer.estimatedOutput, run.madeOutput?.tokens ?? 0);
  const unreported = () => unreportedUsage(run, target, made);
  const usage = chargedAt(run, target, credible(answer.usage), unreported);
  return { outcome: run.isDisconnected ? 'aborted' : 'completed', usage, target };
}

/** Every answer says what it is charged for, also where the provider reported nothing. */
export function withRecordedUsage(result: WholeResult, usage: Usage): WholeResult {
  const { answer } = result;
  if (usage === answer.usage || !answer.bodyWith || credible(answer.usage)) return result;
  return { ...result, answer: { ...answer, body: answer.bodyWith(usage) } };
}

/** True for a whole answer that is passed on as it comes: its cost is known before, whoever answers. */
export function isRelayed({ operation, resolution }: Run): boolean {
  const { relays } = operation;
  return relays !== undefined && resolution.targets.every((target) => relays(target.adapter, target));
}

/** Stages 7 to 9 for a stream: from here on its observer ends the run. */
export async function observeStream(run: Run, opening: Promise<StreamResult>): Promise<GatewayResponse> {
  const opened = run.operation.stream ? await withPatience(opening) : await opening;
  const body = new ObservedStream(run, opened ?? opening);
  run.observer = body;
  return respondStream(run, opened, body);
}

function withPatience(opening: Promise<StreamResult>): Promise<StreamResult | undefined> {
  return new Promise((resolve, reject) => {
    const timer = unrefTimer(setTimeout(resolve, PATIENCE_MS, undefined));
    opening.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
