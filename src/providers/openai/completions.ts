import { GatewayError } from '../../lib/errors.js';
import { withFields } from '../../lib/with-fields.js';
import { type CompletionRequest, DEFAULT_COMPLETION_TOKENS } from '../../openai-api/completion-request.js';
import { lettersOf } from '../../openai-api/input-size.js';
import { checkOpenAICompletion } from '../../openai-api/published-values.js';
import type { RouteCall, TextAnswer } from '../adapter.js';
import { withoutUnlisted } from '../endpoint-fields.js';
import { invalidAnswer, type SentRequest, type StreamTranslator, truncatedAnswer } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { tenantId } from '../tenant-id.js';
import type { TextDialect } from '../text-dialect.js';
import { ALLOWED } from './allowed-fields.js';
import { type Fields, isFields } from './fields.js';
import { mergeProviderOptions } from './provider-options.js';
import { parseChunk } from './to-chunks.js';
import type { ErrorReader } from './to-completion.js';
import type { RequestStyle } from './to-request.js';
import { refuseUncounted } from './uncounted-fields.js';
import { readUsage } from './usage.js';

/** The legacy `/completions` of OpenAI and of APIs that copy it. */
export function completionsDialect(style: RequestStyle, toError: ErrorReader): TextDialect<CompletionRequest> {
  return {
    toRequest: (call, stream) => toRequest(call, stream, style),
    toAnswer: (json, text) => toAnswer(json, text, toError),
    toEvents: (call) => toEvents(call, toError),
  };
}

/** What is counted, or changes nothing about the cost. */
const COUNTED: readonly string[] = [
  ...['model', 'prompt', 'suffix', 'max_tokens', 'n', 'best_of', 'stream', 'stream_options', 'echo', 'user'],
];

/** What else OpenAI takes: it refuses all other fields. Source: the OpenAI API reference, `CreateCompletionRequest`. */
const PUBLISHED: ReadonlySet<string> = new Set([
  ...COUNTED,
  ...['provider_options', 'logprobs', 'stop', 'temperature', 'top_p', 'frequency_penalty', 'presence_penalty'],
  ...['logit_bias', 'seed'],
]);

/** Takes the fields that OpenAI does not know out of a request, and names them. */
function dropUnpublished(native: Record<string, unknown>): string[] {
  const dropped = Object.keys(native).filter((name) => !PUBLISHED.has(name));
  for (const name of dropped) delete native[name];
  return dropped;
}

function emptyAnswer(): GatewayError {
  const message = "Invalid value for 'max_tokens': it must be at least 1, but for OpenAI's own models with 'echo'.";
  return new GatewayError('invalid_value', { message, param: 'max_tokens' });
}

/**
 * The limit is always sent, since it has been paid for and some APIs have another default than OpenAI's 16. Usage is
 * always asked for on streams. Source: the OpenAI API reference, `CreateCompletionRequest`.
 */
function toRequest(call: RouteCall<CompletionRequest>, stream: boolean, style: RequestStyle): SentRequest {
  const { request, model, maxOutputTokens } = call;
  if (style.strict) checkOpenAICompletion(request);
  else refuseUncounted(request, ['best_of']);
  const known = style.fields ? withoutUnlisted(request, style.fields, COUNTED) : request;
  const { provider_options: _, stream_options: streamOptions, ...fields } = known as CompletionRequest;
  const native: Record<string, unknown> = { ...fields, model };
  const dropped = style.strict ? dropUnpublished(native) : [];
  native.max_tokens = Math.min(request.max_tokens ?? DEFAULT_COMPLETION_TOKENS, maxOutputTokens ?? Infinity);
  // Servers such as Ollama take 0 for no limit; only OpenAI reads the prompt and writes nothing.
  if (native.max_tokens === 0 && !(style.strict && request['echo'] === true)) throw emptyAnswer();
  if (request.user !== undefined) native.user = tenantId(call, request.user);
  if (stream) native.stream_options = withFields(streamOptions ?? {}, { include_usage: true });
  mergeProviderOptions(native, call, style.name, style.fields?.options ?? ALLOWED);
  return { path: '/completions', body: jsonBody(call, native), ...(dropped.length > 0 && { dropped }) };
}

/** Relays an answer; it is rewritten only where it strays from the published schema. */
function toAnswer(json: unknown, text: string, toError: ErrorReader): TextAnswer {
  const answer = isFields(json) ? json : {};
  const { choices } = answer;
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isFields)) {
    throw isFields(answer.error)
      ? toError({ headers: {}, text })
      : invalidAnswer(new Error('the answer has no choices'));
  }
  const usage = readUsage(answer.usage);
  const characters = choices.reduce((sum, choice) => sum + lettersOf(String(choice.text ?? '')), 0);
  const changed = normalizeAnswer(answer, choices);
  return { json: answer, text: changed ? JSON.stringify(answer) : text, characters, ...(usage && { usage }) };
}

function normalizeAnswer(answer: Fields, choices: readonly Fields[]): boolean {
  let changed = answer.object !== 'text_completion';
  answer.object = 'text_completion';
  for (const name of ['system_fingerprint', 'usage']) {
    if (answer[name] === null) changed = delete answer[name];
  }
  choices.forEach((choice, index) => {
    const whole: Fields = { text: '', index, logprobs: null, finish_reason: 'stop' };
    for (const [name, value] of Object.entries(whole)) {
      if (choice[name] === undefined || (name === 'finish_reason' && choice[name] === null)) {
        choice[name] = value;
        changed = true;
      }
    }
  });
  return changed;
}

/** Relays chunks without their usage, which is sent at the end, and only to clients that asked for it. */
function toEvents({ request }: RouteCall<CompletionRequest>, toError: ErrorReader): StreamTranslator {
  const keepsUsageKey = request.stream_options?.include_usage === true;
  let started = false;
  let complete = false;
  return {
    event(data, batch) {
      if (data === '[DONE]') {
        if (!started) throw truncatedAnswer();
        batch.finished = true;
        return;
      }
      const { usage: reported, ...chunk } = parseChunk(data);
      if (chunk.error !== undefined && chunk.error !== null) throw toError({ headers: {}, text: data });
      const usage = readUsage(reported);
      if (usage) batch.usage = usage;
      const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isFields) : [];
      chunk.object = 'text_completion';
      if (chunk.system_fingerprint === null) delete chunk.system_fingerprint;
      if (choices.length === 0) {
        if (usage) batch.usageChunk = JSON.stringify({ ...chunk, choices, usage: reported });
        return;
      }
      started = true;
      complete ||= choices.some((choice) => typeof choice.finish_reason === 'string');
      batch.chunks.push(JSON.stringify({ ...chunk, choices, ...(keepsUsageKey && { usage: null }) }));
    },
    end() {
      if (!complete) throw truncatedAnswer();
    },
  };
}
