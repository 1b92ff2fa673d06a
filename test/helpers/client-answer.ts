import type OpenAI from 'openai';

/** What a client takes out of an answer, streamed or not. */
export interface Answer {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly toolCalls: { id: string; name: string; arguments: string }[];
  readonly finishReason: string;
  readonly usage: OpenAI.CompletionUsage | undefined;
  readonly annotations: unknown;
  readonly reasoningDetails: unknown;
  readonly extraContent: unknown[];
}

type Extended = {
  reasoning_content?: string;
  reasoning_details?: unknown;
  annotations?: unknown;
  extra_content?: unknown;
};

/** The first choice of a whole answer. */
export function answerOf(completion: OpenAI.ChatCompletion): Answer {
  const choice = completion.choices[0];
  const message = choice?.message as OpenAI.ChatCompletionMessage & Extended;
  const calls = (message.tool_calls ?? []) as (OpenAI.ChatCompletionMessageFunctionToolCall & Extended)[];
  return {
    text: message.content ?? '',
    reasoning: message.reasoning_content ?? '',
    refusal: message.refusal ?? '',
    toolCalls: calls.map((call) => ({ id: call.id, name: call.function.name, arguments: call.function.arguments })),
    finishReason: choice?.finish_reason ?? '',
    usage: completion.usage,
    annotations: message.annotations,
    reasoningDetails: message.reasoning_details,
    extraContent: [message.extra_content, ...calls.map((call) => call.extra_content)],
  };
}

/**
 * Puts chunks together as strictly as the strictest SDK helper does.
 *
 * @throws {Error} when a rule is broken that a helper depends on.
 */
export function addUp(chunks: readonly OpenAI.ChatCompletionChunk[]): Answer {
  const toolCalls: Answer['toolCalls'] = [];
  const extraContent: unknown[] = [undefined];
  const lists: { annotations?: unknown; reasoning_details?: unknown } = {};
  let [text, reasoning, refusal, finishReason] = ['', '', '', ''];
  let roles = 0;
  let usage: OpenAI.CompletionUsage | undefined;
  for (const chunk of chunks) {
    if (usage && chunk.usage !== undefined) throw new Error('a usage key after the usage chunk');
    if (chunk.id !== chunks[0]?.id || chunk.model !== chunks[0]?.model) throw new Error('id or model changes');
    if (chunk.usage) {
      if (chunk.choices.length > 0) throw new Error('usage beside choices');
      usage = chunk.usage;
    }
    for (const choice of chunk.choices.filter(({ index }) => index === 0)) {
      const delta = choice.delta as OpenAI.ChatCompletionChunk.Choice.Delta & Extended;
      if (delta.role) roles++;
      text += delta.content ?? '';
      refusal += delta.refusal ?? '';
      reasoning += delta.reasoning_content ?? '';
      if (delta.extra_content !== undefined) extraContent[0] = delta.extra_content;
      for (const name of ['annotations', 'reasoning_details'] as const) {
        if (delta[name] === undefined) continue;
        if (lists[name] !== undefined) throw new Error(`${name} in two deltas`);
        lists[name] = delta[name];
      }
      for (const call of delta.tool_calls ?? []) {
        const known = toolCalls[call.index];
        if (known === undefined) {
          if (call.index !== toolCalls.length) throw new Error(`tool index ${call.index} is not dense`);
          if (!call.id || call.type !== 'function' || !call.function?.name)
            throw new Error('a call without id or name');
          toolCalls.push({ id: call.id, name: call.function.name, arguments: call.function.arguments ?? '' });
        } else {
          if (call.id || call.function?.name) throw new Error('id or name repeated');
          known.arguments += call.function?.arguments ?? '';
        }
        const extra = (call as Extended).extra_content;
        if (extra !== undefined) extraContent[call.index + 1] = extra;
      }
      if (choice.finish_reason) {
        if (finishReason) throw new Error('two finish reasons');
        finishReason = choice.finish_reason;
      }
    }
  }
  if (roles !== 1) throw new Error(`the role came ${roles} times`);
  while (extraContent.length <= toolCalls.length) extraContent.push(undefined);
  return {
    text,
    reasoning,
    refusal,
    toolCalls,
    finishReason,
    usage,
    annotations: lists.annotations,
    reasoningDetails: lists.reasoning_details,
    extraContent,
  };
}
