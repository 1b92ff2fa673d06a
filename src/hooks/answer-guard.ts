import { describeFault, type Logger } from '../lib/logger.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { withFields } from '../lib/with-fields.js';
import {
  type AnswerHook,
  type AnswerHookContext,
  type AnswerPart,
  type Hook,
  type HookContext,
  Refusal,
} from './hook.js';
import type { MadeOutput } from './made-output.js';
import type { RouteTexts } from './route-texts.js';
import { within } from './within.js';

/** One hook for answers, and the request that it is asked about. */
export class AnswerGuard {
  readonly mode: AnswerHook['mode'];
  readonly lookBehind: number;
  /** Of the route's own format. */
  readonly texts: RouteTexts;
  /** Counts what the model makes; set for the first hook that may take from it. */
  made: MadeOutput | undefined;
  readonly #hook: Hook;
  readonly #answer: AnswerHook;
  readonly #contexts: Readonly<Record<AnswerPart, AnswerHookContext>>;
  readonly #requestId: string;
  readonly #logger: Logger;

  constructor(
    hook: Hook,
    answer: AnswerHook,
    texts: RouteTexts,
    context: HookContext,
    requestId: string,
    logger: Logger,
  ) {
    this.mode = answer.mode;
    this.lookBehind = answer.lookBehind ?? 64;
    this.texts = texts;
    this.#hook = hook;
    this.#answer = answer;
    const of = (part: AnswerPart) => withFields(context, { part });
    this.#contexts = { text: of('text'), reasoning: of('reasoning'), arguments: of('arguments') };
    this.#requestId = requestId;
    this.#logger = logger;
  }

  /**
   * The text or refusal that the hook returns. Never rejects: a hook that fails refuses the answer or lets it pass, as
   * its `onError` says.
   */
  ask(text: string, part: AnswerPart): MaybePromise<string | Refusal> {
    return andThen(
      within(this.#hook, () => this.#answer.text(text, this.#contexts[part])),
      (outcome): string | Refusal => {
        if ('value' in outcome) return outcome.value ?? text;
        this.#note(outcome.failed);
        return this.#hook.onError === 'pass' ? text : new Refusal('unchecked', 'The answer could not be checked.');
      },
    );
  }

  /** Shows a text, and does not wait. */
  show(text: string, part: AnswerPart): void {
    void andThen(
      within(this.#hook, () => this.#answer.text(text, this.#contexts[part])),
      (outcome) => {
        if ('failed' in outcome) this.#note(outcome.failed);
      },
    );
  }

  #note(failed: unknown): void {
    const fields = { requestId: this.#requestId, hook: this.#hook.name, fault: describeFault(failed) };
    this.#logger.error(fields, 'a hook failed on an answer');
  }
}
