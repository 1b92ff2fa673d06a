import { makeParseableResponseFormat } from 'openai/lib/parser';
import { describe, expect, it } from 'vitest';
import { nativeAnswer, type Said } from '../helpers/native-answer.js';
import { nativeStream } from '../helpers/native-stream.js';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { type RecordedProvider, recordings } from '../helpers/recordings.js';
import type { PlayedAnswer } from '../helpers/replay-server.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];
const gateway = replayedGateway();
const answerFormat = makeParseableResponseFormat(
  {
    type: 'json_schema',
    json_schema: {
      name: 'answer',
      schema: { type: 'object', properties: { weather: { type: 'string' } }, required: ['weather'] },
    },
  },
  (text) => JSON.parse(text) as { weather: string },
);

describe.each(Object.keys(RECORDED_ADAPTERS) as RecordedProvider[])(
  'the official client on answers of %s',
  (provider) => {
    const model = `${provider}/0`;
    const streams = recordings().filter(
      ({ provider: from, status, stream, expected }) =>
        from === provider && status === 200 && stream && expected?.skip === undefined && expected?.finish_reason,
    );

    it('is tried on recordings', () => {
      expect(streams.length).toBeGreaterThan(2);
    });

    for (const recording of streams) {
      it(`.stream() puts together ${recording.name}`, async () => {
        gateway.upstream.play(recording);
        const options = { model, messages, stream_options: { include_usage: true } };
        const completion = await gateway.client.chat.completions.stream(options).finalChatCompletion();
        const { expected } = recording;
        const [choice] = completion.choices;
        expect(choice?.message.content ?? '').toBe(expected?.text);
        expect(choice?.finish_reason).toBe(expected?.finish_reason);
        expect(choice?.message.role).toBe('assistant');
        expect((choice?.message.tool_calls ?? []).map((call) => call.function.name)).toEqual(
          expected?.tool_calls.map((call) => call.name),
        );
        for (const call of choice?.message.tool_calls ?? []) JSON.parse(call.function.arguments);
        if (expected?.usage && !recording.name.includes('compaction')) {
          expect(completion.usage?.total_tokens).toBe(expected.usage.total_tokens);
        }
      });
    }

    function played(said: Said, stream: boolean): PlayedAnswer {
      const answer = nativeAnswer(provider, said);
      if (!stream) return { body: JSON.stringify(answer) };
      return { headers: { 'content-type': 'text/event-stream' }, body: nativeStream(provider, answer) };
    }

    it.each([true, false])('.runTools() goes from a tool call to the answer (stream: %s)', async (stream) => {
      gateway.upstream.play(
        played({ text: 'Let me see.', call: { name: 'get_weather', input: { city: 'Paris' } } }, stream),
        played({ text: 'It is sunny.' }, stream),
      );
      const asked: unknown[] = [];
      const tool = {
        type: 'function' as const,
        function: {
          name: 'get_weather',
          description: 'Tells the weather.',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          parse: (text: string) => JSON.parse(text) as { city: string },
          function: (input: { city: string }) => {
            asked.push(input);
            return 'sunny in every way';
          },
        },
      };
      const { completions } = gateway.client.chat;
      const runner = stream
        ? completions.runTools({ model, messages, tools: [tool], stream: true })
        : completions.runTools({ model, messages, tools: [tool] });
      expect(await runner.finalContent()).toBe('It is sunny.');
      expect(asked).toEqual([{ city: 'Paris' }]);
      expect(gateway.upstream.seen).toHaveLength(2);
      expect(gateway.upstream.seen[1]?.text).toContain('sunny in every way');
    });

    it('.parse() reads a structured answer', async () => {
      gateway.upstream.play(played({ text: '{"weather":"sunny"}' }, false));
      const options = { model, messages, response_format: answerFormat };
      const completion = await gateway.client.chat.completions.parse(options);
      expect(completion.choices[0]?.message.parsed).toEqual({ weather: 'sunny' });
    });

    it('.stream() reads a structured answer', async () => {
      gateway.upstream.play(played({ text: '{"weather":"sunny"}' }, true));
      const options = { model, messages, response_format: answerFormat };
      const completion = await gateway.client.chat.completions.stream(options).finalChatCompletion();
      expect(completion.choices[0]?.message.parsed).toEqual({ weather: 'sunny' });
    });
  },
);
