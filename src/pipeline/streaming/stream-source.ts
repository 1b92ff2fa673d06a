import type { Target } from '../../catalog/catalog.js';
import { completionTokens, type Usage } from '../../lib/usage.js';
import type { StreamBatch } from '../../providers/adapter.js';
import { endReading } from '../../providers/adopt.js';
import { joinReports } from '../../providers/join-reports.js';
import type { UpstreamFault } from '../../upstream/upstream-error.js';
import type { Watch } from '../../upstream/watchdog.js';
import type { StreamResult } from '../calling/call.js';
import type { OpenStream } from '../operation.js';
import type { Run } from '../run-state.js';
import { isWorthReading } from './awaits-report.js';
import {
  chargedAt,
  credible,
  type DeliveredOutput,
  estimatedUsage,
  unreportedUsage,
  usageSoFar,
  wholeUsage,
} from './charged-usage.js';

/** The provider's side of a stream: its batches, what they used, and the watch over it. */
export class StreamSource {
  readonly target: Target;
  readonly watch: Watch;
  readonly stream: OpenStream;
  readonly batches: AsyncIterator<StreamBatch>;
  readonly #run: Run;
  readonly #onCancel: () => void;
  #usage: Usage | undefined;
  #reports = 0;
  #estimatedOutput = 0;
  #unreportedOutput = 0;
  /** Of what hooks have been given, the part that is counted. */
  #made = 0;
  /** True if the last batch with text or counts had counts. */
  #isCounted = false;
  /** What the client was sent last. */
  #lastText = '';

  /** @param onCancel called when a time limit has passed, the client has disconnected or `stop` was called. */
  constructor(run: Run, { target, watch, answer: stream }: StreamResult, onCancel: () => void) {
    this.#run = run;
    this.target = target;
    this.watch = watch;
    this.stream = stream;
    this.batches = stream.batches[Symbol.asyncIterator]();
    this.#onCancel = onCancel;
    // Not every adapter heeds its signal, and not every client reads: the source reacts for them.
    if (!watch.cancellation.canceled) watch.cancellation.onCancel(onCancel);
  }

  /** A batch as the client gets it; what it used is counted. */
  take(batch: StreamBatch): string | Uint8Array {
    const { text, usage, estimatedOutput: delivered } = this.stream.encode(batch);
    const estimatedOutput = this.#run.madeOutput ? this.#withheld : delivered;
    this.#made += this.#withheld;
    const report = usage && credible(usage);
    const counted = report !== undefined && this.#report(report);
    this.#estimatedOutput += estimatedOutput;
    const afterReport = batch.usageIsCurrent ? 0 : estimatedOutput;
    this.#unreportedOutput = counted ? afterReport : this.#unreportedOutput + estimatedOutput;
    if (counted || estimatedOutput > 0) this.#isCounted = counted;
    if (batch.finished && this.#usage) [this.#unreportedOutput, this.#isCounted] = [0, true];
    if (typeof text === 'string' && text !== '') this.#lastText = text;
    return text;
  }

  /** True when the report counts more output than those before it. */
  #report(report: Usage): boolean {
    const before = this.#usage;
    this.#usage = joinReports(before, report);
    this.#reports += 1;
    return completionTokens(this.#usage) > (before ? completionTokens(before) : 0);
  }

  /** Output tokens that the model has made and that are not counted: hooks may hold them back, or have taken them out. */
  get #withheld(): number {
    return (this.#run.madeOutput?.tokens ?? 0) - this.#made;
  }

  get #delivered(): DeliveredOutput {
    // Claude's first report stands before its answer.
    const opening = this.#reports < 2 && /claude/i.test(this.target.model);
    return {
      reported: this.#usage,
      estimated: this.#estimatedOutput + this.#withheld,
      unreported: this.#unreportedOutput + this.#withheld,
      current: this.#isCounted && !opening,
    };
  }

  /** Usage of a complete answer. */
  total(): Usage {
    const unreported = () => unreportedUsage(this.#run, this.target, this.#estimatedOutput + this.#withheld);
    return chargedAt(this.#run, this.target, this.#usage, unreported);
  }

  /** True where the client has all of the answer, or where what it has can't be priced without the provider's report. */
  get awaitsReport(): boolean {
    if (this.#run.route.format.lastWords.test(this.#lastText)) return true;
    const { estimatedTokens } = this.#run.operation.input;
    const estimated = this.#usage ?? estimatedUsage(estimatedTokens, this.#estimatedOutput + this.#withheld);
    return isWorthReading(this.#run, this.target, this.#soFar(), estimated);
  }

  #soFar(): Usage {
    return usageSoFar(this.#run, this.target, this.#delivered, { hidden: true });
  }

  /** Usage of an answer that broke off. @param fault why. */
  cut(fault: UpstreamFault | undefined): Usage {
    if (this.#run.operation.pricedUse) return this.total();
    // It was made in full, and is too large for the gateway to read its report.
    if (fault === 'too_large' && this.#usage === undefined) return wholeUsage(this.#run, this.target);
    // Where the provider or the gateway broke it off, nobody pays for what was never shown.
    return usageSoFar(this.#run, this.target, this.#delivered, { hidden: fault === 'timeout' });
  }

  /** Usage of an answer whose client has disconnected and whose report was not read. */
  unread(): Usage {
    if (this.#run.operation.pricedUse) return this.total();
    const soFar = this.#soFar();
    return this.awaitsReport && soFar.source === 'estimated' ? wholeUsage(this.#run, this.target) : soFar;
  }

  /**
   * Reads to the end without a client.
   *
   * @param pending a step that the client had asked for; the source is not asked twice at once.
   * @returns what the answer used; undefined when it was stopped or broke before its end.
   */
  async drain(pending: Promise<unknown> | undefined): Promise<Usage | undefined> {
    const { cancellation } = this.watch;
    if (cancellation.canceled) return undefined;
    const stopped = new Promise<undefined>((resolve) => {
      cancellation.onCancel(() => resolve(undefined));
    });
    this.watch.touch();
    return await Promise.race([stopped, this.#readOn(pending)]);
  }

  async #readOn(pending: Promise<unknown> | undefined): Promise<Usage | undefined> {
    try {
      await pending;
      for (;;) {
        const { done, value } = await this.batches.next();
        if (done) return this.total();
        this.take(value);
      }
    } catch {
      return undefined;
    }
  }

  /** Ends the exchange with the provider, whatever it waits for. */
  stop(): void {
    this.watch.abort();
    void endReading(this.batches);
  }

  /** Nothing is watched any more. */
  close(): void {
    this.watch.cancellation.off(this.#onCancel);
    this.watch.close();
  }
}
