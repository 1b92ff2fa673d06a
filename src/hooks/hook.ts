import type { MaybePromise } from '../lib/maybe-promise.js';
import { waitProblem } from '../lib/timers.js';

/** Who makes the request, as far as hooks may know. */
export interface HookIdentity {
  readonly accountId: string;
  readonly plan: string;
  /** Null where no API key was involved. */
  readonly keyId: string | null;
  readonly endUser: string | undefined;
  readonly session: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** What every hook sees of a request. */
export interface HookContext {
  readonly identity: HookIdentity;
  /** The model as the client named it. */
  readonly model: string;
  /** `chat/completions`, `responses`, `messages`, `embeddings`, … */
  readonly route: string;
  /**
   * Refuses the request or the answer; a hook returns it.
   *
   * @param code the `code` that the client reads.
   * @param message the text that it reads.
   */
  refuse(code: string, message: string): Refusal;
}

/** What a request hook sees, and can do. */
export interface RequestHookContext extends HookContext {
  /** All text that the model would read, one piece per line, whatever the route. */
  text(): string;
  /** The request in the client's own format, frozen; undefined where it is no JSON. */
  readonly body: unknown;
  /**
   * Replaces fields of the request, given in chat form; on other routes they are moved to the fields with the same
   * meaning. Fields of the route's own format are taken as they are. The model and `stream` can't be changed.
   */
  edit(fields: Readonly<Record<string, unknown>>): Edit;
  /** Replaces every text that the model would read, wherever it stands. */
  editText(change: (text: string) => string): Edit;
}

/** What a text of an answer is: what the model says, what it thought, or the JSON text of a tool call's arguments. */
export type AnswerPart = 'text' | 'reasoning' | 'arguments';

/** What an answer hook sees. */
export interface AnswerHookContext extends HookContext {
  readonly part: AnswerPart;
}

/** A refusal, for the hook to return. */
export class Refusal {
  readonly code: string;
  readonly message: string;
  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** An edit, for the hook to return; it takes effect when it is made. */
export class Edit {
  readonly apply: (body: Record<string, unknown>) => Record<string, unknown>;
  constructor(apply: Edit['apply']) {
    this.apply = apply;
  }
}

/** What a hook does with answers. */
export interface AnswerHook {
  /**
   * `observe` sees what passes and changes nothing. `buffer` sees a whole answer before its client sees any of it.
   * `transform` sees a stream's text while it passes, with `lookBehind` characters that have not left yet. If the
   * answer is not streamed, all three see all of it.
   */
  readonly mode: 'observe' | 'buffer' | 'transform';
  /** Characters held back in `transform`: at least the length of the longest match, less one. @default 64 */
  readonly lookBehind?: number;
  /**
   * Returns the text to send, or a refusal; in `observe` the result is ignored. Called for each part by itself: what
   * the model says, its thoughts, and the arguments of each tool call.
   */
  text(text: string, context: AnswerHookContext): MaybePromise<string | Refusal | undefined>;
}

/** A check or change of requests and answers. */
export interface Hook {
  /** For logs. */
  readonly name: string;
  /** Runs after the model is known, before limits and money. Returns what `refuse` or `edit` returned, or nothing. */
  request?(context: RequestHookContext): MaybePromise<Refusal | Edit | undefined>;
  readonly answer?: AnswerHook;
  /** How long one call of a function may take, in milliseconds: at most 2,147,483,647 (24 days). @default 2,000 */
  readonly timeoutMs?: number;
  /** What happens to the request or answer when a function fails or takes too long. @default 'refuse' */
  readonly onError?: 'refuse' | 'pass';
}

/** The mistakes in a list of hooks. */
export function hookProblems(value: unknown, path: string): string | undefined {
  if (!Array.isArray(value)) return `${path} must be a list`;
  const problems = value.flatMap((hook: unknown, index) => problemsOfHook(hook, `${path}[${index}]`));
  return problems.length > 0 ? problems.join('\n- ') : undefined;
}

const KNOWN = ['name', 'request', 'answer', 'timeoutMs', 'onError'];

function problemsOfHook(hook: unknown, path: string): string[] {
  if (typeof hook !== 'object' || hook === null) return [`${path} must be a hook`];
  const { name, request, answer, timeoutMs, onError } = hook as Partial<Record<keyof Hook, unknown>>;
  const problems = Object.keys(hook)
    .filter((key) => !KNOWN.includes(key))
    .map((key) => `${path}.${key} is not an option`);
  if (typeof name !== 'string' || name === '') problems.push(`${path}.name must be a text`);
  if (request === undefined && answer === undefined) problems.push(`${path} must have request or answer`);
  if (request !== undefined && typeof request !== 'function') problems.push(`${path}.request must be a function`);
  const wait = timeoutMs === undefined ? undefined : waitProblem(timeoutMs, `${path}.timeoutMs`);
  if (wait !== undefined) problems.push(wait);
  if (onError !== undefined && onError !== 'refuse' && onError !== 'pass') {
    problems.push(`${path}.onError must be 'refuse' or 'pass'`);
  }
  return answer === undefined ? problems : [...problems, ...problemsOfAnswer(answer, `${path}.answer`)];
}

const KNOWN_OF_ANSWER = ['mode', 'lookBehind', 'text'];

function problemsOfAnswer(answer: unknown, path: string): string[] {
  if (typeof answer !== 'object' || answer === null) return [`${path} must be an object`];
  const { mode, lookBehind, text } = answer as Partial<Record<keyof AnswerHook, unknown>>;
  const problems = Object.keys(answer)
    .filter((key) => !KNOWN_OF_ANSWER.includes(key))
    .map((key) => `${path}.${key} is not an option`);
  if (!['observe', 'buffer', 'transform'].includes(mode as string)) {
    problems.push(`${path}.mode must be 'observe', 'buffer' or 'transform'`);
  }
  if (typeof text !== 'function') problems.push(`${path}.text must be a function`);
  if (lookBehind !== undefined && !(Number.isInteger(lookBehind) && Number(lookBehind) >= 0)) {
    problems.push(`${path}.lookBehind must be a whole number`);
  }
  return problems;
}
