import { toOpenAIUsage } from '../../lib/usage.js';
import type { ChatAnswerMessage, ChatChoice, ChatCompletion } from '../../openai-api/chat-completion.js';
import type { ChatAnswer, ChatCall } from '../adapter.js';
import { usesLegacyFunctions } from '../legacy-functions.js';
import { type Fields, isFields } from '../openai/fields.js';
import { completionFields, type ErrorReader } from '../openai/to-completion.js';
import { outlineOf } from '../outline.js';
import { type AnswerContext, refuseProblems, rememberReasoning } from './answer-context.js';
import { READ_FIELDS, readAnnotations, readLogprobs, readSaid } from './content.js';
import { findUsage, readEnvelope, readExtras } from './envelope.js';
import { finishReason, refuseFailure } from './finish-reason.js';
import { asLegacyChoice } from './legacy-functions.js';
import { readToolCalls } from './tool-calls.js';
import { ToolUses } from './tool-uses.js';

/**
 * Writes an answer in OpenAI's own format from one that only resembles it.
 *
 * @throws {UpstreamError} when the body is an error or no chat completion.
 */
export function normalizeCompletion(
  json: unknown,
  text: string,
  call: ChatCall,
  context: AnswerContext,
): Omit<ChatAnswer, 'dropped'> {
  const { toError, random } = context;
  const answer = completionFields(json, text, toError);
  const uses = new ToolUses();
  answer.choices.forEach(({ message }, position) => {
    if (!isFields(message)) return;
    context.learned.learn(message);
    uses.read(message, position);
  });
  const reported = findUsage(answer, context.facts);
  const usage = reported && uses.addTo(reported);
  const choices = answer.choices.map((choice, position) => readChoice(choice, position, toError, random));
  rememberReasoning(choices, call, context);
  const completion: ChatCompletion = {
    ...readExtras(answer),
    ...readEnvelope(answer, call, random),
    object: 'chat.completion',
    choices: usesLegacyFunctions(outlineOf(call)) ? choices.map(asLegacyChoice) : choices,
    ...(usage && { usage: toOpenAIUsage(usage) }),
  };
  return { completion, ...(usage && { usage }) };
}

function readChoice(choice: Fields, position: number, toError: ErrorReader, random: () => number): ChatChoice {
  const { index, message: native, finish_reason: native_finish, usage, error, logprobs, delta, ...extensions } = choice;
  refuseProblems([error, isFields(native) ? native.error : undefined], toError);
  refuseFailure(native_finish, choice.native_finish_reason);
  const message = readMessage(isFields(native) ? native : {}, random);
  const finish = finishReason(native_finish, message.tool_calls !== undefined);
  return {
    ...extensions,
    index: Number.isInteger(index) ? (index as number) : position,
    message,
    logprobs: readLogprobs(logprobs),
    finish_reason: finish?.reason ?? (message.tool_calls ? 'tool_calls' : 'stop'),
    ...(finish?.native !== undefined && { native_finish_reason: finish.native }),
  };
}

function readMessage(native: Fields, random: () => number): ChatAnswerMessage {
  const said = readSaid(native);
  const calls = readToolCalls(native.tool_calls, random);
  const annotations = readAnnotations(native.annotations);
  const extensions: Fields = {};
  for (const [name, value] of Object.entries(native)) if (value !== null) extensions[name] = value;
  for (const name of [...READ_FIELDS, 'annotations', 'error']) delete extensions[name];
  return {
    ...extensions,
    role: 'assistant',
    content: said.text ?? (calls.length > 0 || said.refusal !== undefined ? null : ''),
    refusal: said.refusal ?? null,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(annotations.length > 0 && { annotations }),
    ...(said.reasoning !== undefined && { reasoning_content: said.reasoning }),
  };
}
