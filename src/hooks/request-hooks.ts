import { GatewayError } from '../lib/errors.js';
import { describeFault, type Logger } from '../lib/logger.js';
import { Edit, type Hook, type HookContext, Refusal, type RequestHookContext } from './hook.js';
import { changeTexts, textOfRequest } from './request-texts.js';
import type { Fields, RouteTexts } from './route-texts.js';
import { within } from './within.js';

/** Fields that the gateway decides, or that decide about the route itself. */
const FIXED = ['model', 'stream', 'stream_options', 'n'];

/** The part of a request that hooks see. */
export interface HookedRequest {
  readonly context: HookContext;
  readonly texts: RouteTexts;
  /** The JSON body, if any. */
  readonly body: () => unknown;
  readonly requestId: string;
  readonly logger: Logger;
}

/**
 * Asks every hook for requests, in order; each sees what the ones before it have changed.
 *
 * @returns the edited body; undefined when none was edited.
 * @throws {GatewayError} when a hook refuses, or fails and its `onError` is `refuse`.
 */
export async function askRequestHooks(
  hooks: readonly Hook[],
  request: HookedRequest,
): Promise<Record<string, unknown> | undefined> {
  let edited: Record<string, unknown> | undefined;
  for (const hook of hooks) {
    const { request: ask } = hook;
    if (!ask) continue;
    const asked = new AskedRequest(request.context, request.texts, edited ? () => edited : request.body);
    const outcome = await within(hook, () => ask.call(hook, asked));
    try {
      if ('failed' in outcome) throw outcome.failed;
      if (outcome.value instanceof Refusal || asked.refusal) throw refused(asked.refusal ?? (outcome.value as Refusal));
      edited = asked.editedBody() ?? edited;
    } catch (thrown) {
      if (GatewayError.isInstance(thrown)) throw thrown;
      const fields = { requestId: request.requestId, hook: hook.name, fault: describeFault(thrown) };
      request.logger.error(fields, 'a hook failed on a request');
      if (hook.onError !== 'pass') throw unchecked(thrown);
    }
  }
  return edited;
}

function refused({ code, message }: Refusal): GatewayError {
  return new GatewayError('content_policy_violation', {
    publicCode: code,
    message,
    headers: { 'x-should-retry': 'false' },
  });
}

function unchecked(cause: unknown): GatewayError {
  const message = 'The request could not be checked. Try again later.';
  return new GatewayError('service_unavailable', { message, cause, headers: { 'retry-after': '1' } });
}

class AskedRequest implements RequestHookContext {
  readonly identity: HookContext['identity'];
  readonly model: string;
  readonly route: string;
  readonly #texts: RouteTexts;
  readonly #read: () => unknown;
  readonly #edits: Edit[] = [];
  refusal: Refusal | undefined;
  #frozen: { readonly value: unknown } | undefined;

  constructor({ identity, model, route }: HookContext, texts: RouteTexts, read: () => unknown) {
    this.identity = identity;
    this.model = model;
    this.route = route;
    this.#texts = texts;
    this.#read = read;
  }

  // Functions of the object itself, so that they may be taken out of it.
  readonly text = (): string => textOfRequest(this.#read(), this.#texts);

  get body(): unknown {
    this.#frozen ??= { value: frozen(structuredClone(this.#read())) };
    return this.#frozen.value;
  }

  readonly refuse = (code: string, message: string): Refusal => {
    this.refusal = new Refusal(code, message);
    return this.refusal;
  };

  readonly edit = (fields: Readonly<Record<string, unknown>>): Edit =>
    this.#edit((body) => this.#withChatFields(body, { ...fields }));

  readonly editText = (change: (text: string) => string): Edit =>
    this.#edit((body) => {
      let changed = false;
      const edited = changeTexts(body, this.#texts, (text) => {
        const made = change(text);
        changed ||= made !== text;
        return made;
      });
      return changed ? edited : body;
    });

  #edit(apply: Edit['apply']): Edit {
    const edit = new Edit(apply);
    this.#edits.push(edit);
    return edit;
  }

  /** @throws {TypeError} for fields that a hook must not change, for messages on a route without messages, and without a JSON body. */
  #withChatFields(body: Fields, fields: Fields): Record<string, unknown> {
    if (typeof body !== 'object' || body === null) throw new TypeError('this request has no JSON body to edit');
    const fixed = FIXED.find((name) => name in fields);
    if (fixed !== undefined) throw new TypeError(`a hook can't change '${fixed}'`);
    if (this.#texts.withChatFields) return { ...this.#texts.withChatFields(body, fields) };
    if ('messages' in fields) throw new TypeError(`${this.route} has no messages: edit its own fields`);
    const { max_completion_tokens: limit, ...others } = fields;
    return { ...body, ...others, ...(limit !== undefined && { max_tokens: limit }) };
  }

  /** Undefined when nothing was changed. @throws {TypeError} when the body can't be edited so. */
  editedBody(): Record<string, unknown> | undefined {
    if (this.#edits.length === 0) return undefined;
    const body = this.#read() as Record<string, unknown>;
    const edited = this.#edits.reduce((before, { apply }) => apply(before), body);
    return edited === body ? undefined : edited;
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
