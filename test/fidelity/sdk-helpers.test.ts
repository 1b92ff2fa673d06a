import { makeParseableResponseFormat } from 'openai/lib/parser';
import { describe, expect, it } from 'vitest';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { type Recording, recordings } from '../helpers/recordings.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';
import { NO_RECORDINGS, sharedFolder } from '../helpers/shared.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];
const gateway = replayedGateway();

describe.each(Object.keys(RECORDED_ADAPTERS))('the helpers of the official client on answers of %s', (provider) => {
  const model = `${provider}/0`;
  const answers = recordings().filter(
    (recording) =>
      recording.provider === provider && recording.status === 200 && recording.expected?.skip === undefined,
  );
  const streams = answers.filter(({ stream, expected }) => stream && expected?.finish_reason);
  const calling = streams.find(({ expected }) => expected?.tool_calls.length === 1);
  const talks = ({ expected }: Recording) => expected?.finish_reason === 'stop' && expected.text.trim() !== '';
  const talking = streams.find(talks);

  it('are tried on recordings', (ctx) => {
    if (sharedFolder() === undefined) return ctx.skip(NO_RECORDINGS);
    expect(streams.length).toBeGreaterThan(2);
    expect(talking).toBeDefined();
  });

  for (const recording of streams) {
    it(`.stream() puts together ${recording.name}`, async () => {
      gateway.upstream.play(recording);
      const runner = gateway.client.chat.completions.stream({
        model,
        messages,
        stream_options: { include_usage: true },
      });
      const completion = await runner.finalChatCompletion();
      const { expected } = recording;
      const [choice] = completion.choices;
      expect(choice?.message.content ?? '').toBe(expected?.text);
      expect(choice?.finish_reason).toBe(expected?.finish_reason);
      expect(choice?.message.role).toBe('assistant');
      expect((choice?.message.tool_calls ?? []).map((call) => call.function.name)).toEqual(
        expected?.tool_calls.map((call) => call.name),
      );
      for (const call of choice?.message.tool_calls ?? []) JSON.parse(call.function.arguments);
      if (expected?.usage) expect(completion.usage?.total_tokens).toBe(expected.usage.total_tokens);
    });
  }

  it.each([true, false])('runTools() runs a recorded tool call to its answer (stream: %s)', async (stream) => {
    const call = calling?.expected?.tool_calls[0];
    if (!calling || !talking || !call) return;
    const whole = answers.filter((recording) => !recording.stream && recording.expected);
    const wholeCall = whole.find(({ expected }) => expected?.tool_calls.length === 1);
    const wholeTalk = whole.find(talks);
    const turns = stream ? [calling, talking] : [wholeCall, wholeTalk];
    if (turns.some((turn) => turn === undefined)) return;
    const [first, last] = turns as [Recording, Recording];
    gateway.upstream.play(first, last);
    const ran: unknown[] = [];
    const tool = {
      type: 'function' as const,
      function: {
        name: first.expected?.tool_calls[0]?.name ?? '',
        description: 'A recorded tool.',
        parameters: { type: 'object', properties: {} },
        parse: (text: string) => JSON.parse(text) as object,
        function: (input: object) => {
          ran.push(input);
          return 'done';
        },
      },
    };
    const runner = stream
      ? gateway.client.chat.completions.runTools({ model, messages, tools: [tool], stream: true })
      : gateway.client.chat.completions.runTools({ model, messages, tools: [tool] });
    expect(await runner.finalContent()).toBe(last.expected?.text);
    expect(ran).toHaveLength(1);
    expect(gateway.upstream.seen).toHaveLength(2);
  });

  it('.parse() reads a structured answer', async () => {
    const structured = answers.find(({ stream, expected }) => !stream && isJsonObject(expected?.text));
    if (structured === undefined) return;
    gateway.upstream.play(structured);
    const format = makeParseableResponseFormat(
      { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object', properties: {} } } },
      (text) => JSON.parse(text) as object,
    );
    const completion = await gateway.client.chat.completions.parse({ model, messages, response_format: format });
    expect(completion.choices[0]?.message.parsed).toEqual(JSON.parse(structured.expected?.text ?? ''));
  });
});

function isJsonObject(text: string | undefined): boolean {
  if (!text?.startsWith('{')) return false;
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
