import type { Usage } from '../../lib/usage.js';
import type { ChatChunkChoice, ChatDelta } from '../../openai-api/chat-chunk.js';
import type { ChatCall, StreamBatch } from '../adapter.js';
import { type StreamTranslator, truncatedAnswer } from '../http/http-provider.js';
import { joinReports } from '../join-reports.js';
import { usesLegacyFunctions } from '../legacy-functions.js';
import { type Fields, isFields } from '../openai/fields.js';
import { parseChunk } from '../openai/to-chunks.js';
import type { ErrorReader } from '../openai/to-completion.js';
import { outlineOf } from '../outline.js';
import { type AnswerContext, refuseProblems } from './answer-context.js';
import { READ_FIELDS, readLogprobs, readSaid } from './content.js';
import { type Envelope, findUsage, readEnvelope, readExtras } from './envelope.js';
import { isErrorAnswer, isProblem } from './error-answer.js';
import { finishReason, refuseFailure } from './finish-reason.js';
import { type HeldLists, heldLists } from './held-lists.js';
import { asLegacyChunk } from './legacy-functions.js';
import { ToolCallStream } from './tool-calls.js';
import { ToolUses } from './tool-uses.js';

/** One choice of the answer so far. */
interface ChoiceState {
  started: boolean;
  finished: boolean;
  /** A piece has come: a message that follows says all of it once more. */
  hasDeltas: boolean;
  readonly tools: ToolCallStream;
  readonly lists: HeldLists;
  /** Undefined where nobody needs it. */
  reasoning: string | undefined;
  readonly callIds: string[];
}

/**
 * Writes chunks by the rules that both official SDKs depend on from streams that only resemble OpenAI's: role, ids and
 * names once, one finish reason, dense tool indices, lists complete in one delta, usage apart.
 */
export function normalizeChunks(call: ChatCall, context: AnswerContext): StreamTranslator {
  return new NormalizedChunks(call, context);
}

/** One stream's state. */
class NormalizedChunks implements StreamTranslator {
  readonly #call: ChatCall;
  readonly #context: AnswerContext;
  readonly #isLegacy: boolean;
  readonly #uses = new ToolUses();
  readonly #states = new Map<number, ChoiceState>();
  #reported: Usage | undefined;
  #envelope: Envelope | undefined;
  /** Top-level fields of chunks without id and choices (Azure opens with one); the next chunk carries them. */
  #carried: Fields = {};

  constructor(call: ChatCall, context: AnswerContext) {
    this.#call = call;
    this.#context = context;
    this.#isLegacy = usesLegacyFunctions(outlineOf(call));
  }

  event(data: string, batch: StreamBatch, name: string | undefined): void {
    if (data === '[DONE]') {
      this.#finish(batch);
      return;
    }
    const chunk = parseChunk(data);
    const groq = isFields(chunk.x_groq) ? chunk.x_groq.error : undefined;
    if (name === 'error' || isErrorAnswer(chunk) || isProblem(groq)) {
      this.#report(chunk, batch);
      throw this.#context.toError({ headers: {}, text: isProblem(groq) ? JSON.stringify({ error: groq }) : data });
    }
    this.#readChunk(chunk, batch);
  }

  end(): void {
    if (this.#states.size === 0) throw truncatedAnswer();
    for (const state of this.#states.values()) if (!state.finished) throw truncatedAnswer();
  }

  #finish(batch: StreamBatch): void {
    if (this.#states.size === 0) throw truncatedAnswer();
    for (const [index, state] of this.#states) {
      if (!state.finished) this.#push(batch, [finishChoice(index, state)], {});
    }
    batch.finished = true;
  }

  #readChunk(chunk: Fields, batch: StreamBatch): void {
    const natives = Array.isArray(chunk.choices) ? chunk.choices.filter(isFields) : [];
    natives.forEach((native, position) => {
      if (isFields(native.delta)) this.#uses.read(native.delta, indexOf(native, position));
    });
    const usage = this.#report(chunk, batch);
    const extras = readExtras(chunk);
    if (natives.length === 0) {
      const isNamed = typeof chunk.id === 'string' && chunk.id !== '';
      if (!isNamed || this.#envelope === undefined) this.#carried = { ...this.#carried, ...extras };
      else if (!usage && Object.keys(extras).some((name) => !REPEATED.has(name))) this.#push(batch, [], extras);
      return;
    }
    this.#envelope ??= readEnvelope(chunk, this.#call, this.#context.random);
    const choices = natives.flatMap((native, position) => this.#readChoice(native, position) ?? []);
    if (choices.length === 0) return;
    this.#push(batch, choices, { ...this.#carried, ...extras });
    this.#carried = {};
  }

  #report(chunk: Fields, batch: StreamBatch): Usage | undefined {
    const usage = findUsage(chunk, this.#context.facts);
    if (usage) batch.usage = this.#reported = joinReports(this.#reported, this.#uses.addTo(usage));
    return usage;
  }

  #readChoice(native: Fields, position: number): ChatChunkChoice | undefined {
    const { learned, toError } = this.#context;
    const index = indexOf(native, position);
    const state = this.#stateOf(index);
    if (isFields(native.delta)) learned.learn(native.delta);
    const choice = readChoice(native, index, state, toError);
    if (choice?.finish_reason) keepReasoning(this.#call, this.#context, state);
    return choice;
  }

  #stateOf(index: number): ChoiceState {
    const known = this.#states.get(index);
    if (known) return known;
    const { facts, random } = this.#context;
    const state: ChoiceState = {
      started: false,
      finished: false,
      hasDeltas: false,
      tools: new ToolCallStream(random),
      lists: heldLists(),
      reasoning: facts.remembersReasoning ? '' : undefined,
      callIds: [],
    };
    this.#states.set(index, state);
    return state;
  }

  #push(batch: StreamBatch, choices: ChatChunkChoice[], extras: Fields): void {
    this.#envelope ??= readEnvelope({}, this.#call, this.#context.random);
    batch.chunks.push({
      ...extras,
      ...this.#envelope,
      object: 'chat.completion.chunk',
      choices: this.#isLegacy ? choices.map(asLegacyChunk) : choices,
    });
  }
}

/** The index that a choice names, else its place in the list. */
function indexOf({ index }: Fields, position: number): number {
  return Number.isInteger(index) ? (index as number) : position;
}

/** Fields that say nothing new when a chunk has no choices. */
const REPEATED = new Set(['system_fingerprint', 'service_tier', 'provider', 'obfuscation', 'type']);

/** What is new in one choice; undefined when nothing is. */
function readChoice(
  native: Fields,
  index: number,
  state: ChoiceState,
  toError: ErrorReader,
): ChatChunkChoice | undefined {
  const {
    index: _,
    delta: nativeDelta,
    message,
    finish_reason: reason,
    usage,
    error,
    logprobs,
    ...extensions
  } = native;
  state.hasDeltas ||= isFields(nativeDelta);
  const source = isFields(nativeDelta) ? nativeDelta : isFields(message) && !state.hasDeltas ? message : {};
  refuseProblems([error, source.error], toError);
  refuseFailure(reason, native.native_finish_reason);
  const delta = readDelta(source, state);
  const finish = state.finished ? undefined : finishReason(reason, state.tools.used());
  if (finish) {
    state.finished = true;
    owe(delta, state);
  }
  if (state.started && finish === undefined && Object.keys(delta).length === 0) return undefined;
  if (!state.started) Object.assign(delta, opening(delta));
  state.started = true;
  return {
    ...extensions,
    index,
    delta,
    logprobs: readLogprobs(logprobs),
    finish_reason: finish?.reason ?? null,
    ...(finish?.native !== undefined && { native_finish_reason: finish.native }),
  };
}

function readDelta(source: Fields, state: ChoiceState): ChatDelta {
  const delta: Fields = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== null && !READ_NAMES.has(name)) delta[name] = value;
  }
  const said = readSaid(source);
  if (said.text) delta.content = said.text;
  if (said.refusal !== undefined) delta.refusal = said.refusal;
  if (said.reasoning !== undefined) {
    delta.reasoning_content = said.reasoning;
    if (state.reasoning !== undefined) state.reasoning += said.reasoning;
  }
  const calls = state.tools.read(source.tool_calls);
  for (const { id } of calls) if (id !== undefined) state.callIds.push(id);
  if (calls.length > 0) delta.tool_calls = calls;
  state.lists.add(source);
  if (state.finished) owe(delta, state);
  return delta;
}

const READ_NAMES = new Set<string>([...READ_FIELDS, 'annotations', 'reasoning_details', 'error']);

/** Adds what was held back until the end. */
function owe(delta: ChatDelta, state: ChoiceState): void {
  const calls = [...(delta.tool_calls ?? []), ...state.tools.finish()];
  if (calls.length > 0) delta.tool_calls = calls;
  Object.assign(delta, state.lists.take());
}

/** The first delta of a choice names the role and opens the content. */
function opening(delta: ChatDelta): ChatDelta {
  return { role: 'assistant', content: delta.content ?? (delta.tool_calls ? null : '') };
}

/** A last chunk for a provider that said `[DONE]` without a finish reason. */
function finishChoice(index: number, state: ChoiceState): ChatChunkChoice {
  const delta: ChatDelta = {};
  owe(delta, state);
  if (!state.started) Object.assign(delta, opening(delta));
  state.finished = true;
  return { index, delta, logprobs: null, finish_reason: state.tools.used() ? 'tool_calls' : 'stop' };
}

function keepReasoning(call: ChatCall, { memory }: AnswerContext, { reasoning, callIds }: ChoiceState): void {
  if (reasoning && callIds.length > 0) memory.keep(call, callIds, reasoning);
}
