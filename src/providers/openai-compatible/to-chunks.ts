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
import { type ToolCallStream, toolCallStream } from './tool-calls.js';
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
  const { toError, random, learned } = context;
  const isLegacy = usesLegacyFunctions(outlineOf(call));
  let reported: Usage | undefined;
  const uses = new ToolUses();
  const states = new Map<number, ChoiceState>();
  let envelope: Envelope | undefined;
  /** Top-level fields of chunks without id and choices (Azure opens with one); the next chunk carries them. */
  let carried: Fields = {};

  function push(batch: StreamBatch, choices: ChatChunkChoice[], extras: Fields): void {
    envelope ??= readEnvelope({}, call, random);
    batch.chunks.push({
      ...extras,
      ...envelope,
      object: 'chat.completion.chunk',
      choices: isLegacy ? choices.map(asLegacyChunk) : choices,
    });
  }

  function stateOf(index: number): ChoiceState {
    let state = states.get(index);
    if (state === undefined) {
      state = {
        started: false,
        finished: false,
        hasDeltas: false,
        tools: toolCallStream(random),
        lists: heldLists(),
        reasoning: context.facts.remembersReasoning ? '' : undefined,
        callIds: [],
      };
      states.set(index, state);
    }
    return state;
  }

  function report(chunk: Fields, batch: StreamBatch): Usage | undefined {
    const usage = findUsage(chunk, context.facts);
    if (usage) batch.usage = reported = joinReports(reported, uses.addTo(usage));
    return usage;
  }

  function readChunk(chunk: Fields, batch: StreamBatch): void {
    const natives = Array.isArray(chunk.choices) ? chunk.choices.filter(isFields) : [];
    natives.forEach(({ index, delta }, position) => {
      if (isFields(delta)) uses.read(delta, Number.isInteger(index) ? (index as number) : position);
    });
    const usage = report(chunk, batch);
    const extras = readExtras(chunk);
    const known = typeof chunk.id === 'string' && chunk.id !== '';
    if (natives.length === 0) {
      if (!known || envelope === undefined) carried = { ...carried, ...extras };
      else if (!usage && Object.keys(extras).some((name) => !REPEATED.has(name))) push(batch, [], extras);
      return;
    }
    envelope ??= readEnvelope(chunk, call, random);
    const choices = natives.flatMap((native, position) => {
      const index = Number.isInteger(native.index) ? (native.index as number) : position;
      const state = stateOf(index);
      if (isFields(native.delta)) learned.learn(native.delta);
      const choice = readChoice(native, index, state, toError);
      if (choice?.finish_reason) keepReasoning(call, context, state);
      return choice ?? [];
    });
    if (choices.length === 0) return;
    push(batch, choices, { ...carried, ...extras });
    carried = {};
  }

  return {
    event(data, batch, name) {
      if (data === '[DONE]') {
        if (states.size === 0) throw truncatedAnswer();
        for (const [index, state] of states) {
          if (!state.finished) push(batch, [finishChoice(index, state)], {});
        }
        batch.finished = true;
        return;
      }
      const chunk = parseChunk(data);
      const groq = isFields(chunk.x_groq) ? chunk.x_groq.error : undefined;
      if (name === 'error' || isErrorAnswer(chunk) || isProblem(groq)) {
        report(chunk, batch);
        throw toError({ headers: {}, text: isProblem(groq) ? JSON.stringify({ error: groq }) : data });
      }
      readChunk(chunk, batch);
    },
    end() {
      if (states.size === 0) throw truncatedAnswer();
      for (const state of states.values()) if (!state.finished) throw truncatedAnswer();
    },
  };
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
