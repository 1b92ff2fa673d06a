import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { type Answer, addUp, answerOf } from '../helpers/client-answer.js';
import { type Recording, recordings } from '../helpers/recordings.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';

const user = { role: 'user' as const, content: 'Go' };
const gateway = replayedGateway();

/** Answers whose provider wants something back with the next turn: a signature, encrypted reasoning, a tool call. */
const answers = recordings().filter(
  ({ provider, status, expected }) =>
    (provider === 'anthropic' || provider === 'google') &&
    status === 200 &&
    expected?.skip === undefined &&
    expected?.finish_reason === 'tool_calls',
);

describe('the turn after a recorded answer, sent with the message that the client got', () => {
  it('is tried on recordings', () => {
    expect(answers.filter((answer) => signaturesIn(answer.body).length > 0).length).toBeGreaterThan(3);
  });

  for (const recording of answers) {
    it(`gives the provider its calls and signatures back: ${recording.name}`, async () => {
      gateway.upstream.play(recording);
      const answer = await ask(recording);
      gateway.upstream.play(recording);
      await ask(recording, [assistantMessage(answer), ...toolResults(answer)]);
      const sent = gateway.upstream.seen[0]?.text ?? '';
      expect(signaturesIn(sent)).toEqual(expect.arrayContaining(signaturesIn(recording.body)));
      expect(callsIn(sent)).toEqual(
        recording.expected?.tool_calls.map(({ name, arguments: input }) => ({ name, input: input ?? {} })),
      );
    });
  }
});

async function ask({ provider, stream }: Recording, turn: OpenAI.ChatCompletionMessageParam[] = []): Promise<Answer> {
  const messages = [user, ...turn];
  const request = { model: `${provider}/thinking`, messages, reasoning_effort: 'low' as const };
  if (!stream) return answerOf(await gateway.client.chat.completions.create(request));
  const chunks = [];
  for await (const chunk of await gateway.client.chat.completions.create({ ...request, stream: true }))
    chunks.push(chunk);
  return addUp(chunks);
}

/** What an agent loop appends to its history. */
function assistantMessage(answer: Answer): OpenAI.ChatCompletionAssistantMessageParam {
  const [extra, ...callExtras] = answer.extraContent;
  return {
    role: 'assistant',
    content: answer.text || null,
    tool_calls: answer.toolCalls.map(({ id, name, arguments: args }, index) => ({
      id,
      type: 'function',
      function: { name, arguments: args },
      ...(callExtras[index] !== undefined && { extra_content: callExtras[index] }),
    })),
    ...(answer.reasoning && { reasoning_content: answer.reasoning }),
    ...(answer.reasoningDetails !== undefined && { reasoning_details: answer.reasoningDetails }),
    ...(extra !== undefined && { extra_content: extra }),
  };
}

function toolResults({ toolCalls }: Answer): OpenAI.ChatCompletionToolMessageParam[] {
  return toolCalls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'done' }));
}

/** Signatures and encrypted reasoning in native JSON, in requests and answers alike. */
function signaturesIn(text: string): string[] {
  return [...text.matchAll(/"(?:thoughtSignature|signature|data)":\s*"([\w+/=-]{20,})"/g)].map(
    ([, value = '']) => value,
  );
}

/** The calls in a native request, in order. */
function callsIn(text: string): { name: string; input: unknown }[] {
  const calls: { name: string; input: unknown }[] = [];
  JSON.parse(text, function collect(key, value) {
    if (key === 'functionCall') calls.push({ name: value.name, input: value.args ?? {} });
    else if (value?.type === 'tool_use') calls.push({ name: value.name, input: value.input });
    return value;
  });
  return calls;
}
